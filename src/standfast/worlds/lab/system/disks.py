"""The disks of databases in a lab that has one disk: each has as much as was planned, less what it holds; one that was
filled has nothing left."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from standfast.plan import Plan
from standfast.worlds.lab.system.hosts import Host

GIB, DISK = 2**30, 10.0  # GiB of a database's disk, where the plan does not say
NOTE, FULL = "damage.json", "full"  # what of the lab is broken: whose disk was filled


def planned_disks(plan: Plan, hosts: Iterable[Host]) -> dict[str, int]:
    """Bytes that each host of a database has for its data."""
    sizes = {one.component: float(one.size.get("storage_gib", DISK)) for one in plan.choices}
    return {one.name: int(sizes.get(one.component, DISK) * GIB) for one in hosts if one.role == "database"}


def free(name: str, size: int, root: Path, lab: Path) -> int:
    """Bytes that are left of the disk of a host whose files are below `root`. `lab`: the folder with its note."""
    try:
        full = json.loads((lab / NOTE).read_text(encoding="utf-8")).get(FULL)
    except (OSError, ValueError):
        full = None
    return 0 if name == full else max(0, size - held(root / "var/lib"))


def held(folder: Path) -> int:
    """Bytes of the files below a folder; some go away while they are counted."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(f"{path}/{name}").st_size  # a path of pathlib takes ten times as long
            except OSError:
                continue
    return total
