"""The clock of one service, by libfaketime: the program is started under it, and then its time jumps while it runs.

All hosts share this machine's clock, which nobody moves. Clocks that only go forward (timeouts) are left alone.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from standfast.problem import Problem, Problems
from standfast.worlds.lab.faults import versions
from standfast.worlds.lab.system.hosts import Host

if TYPE_CHECKING:
    from standfast.worlds.lab.system.world import SystemLab

VARIABLE, LIBRARY = "STANDFAST_FAKETIME", "faketime/libfaketimeMT.so.1"
KEPT = 1  # seconds for which the library does not look at its file again
PATIENCE = 30.0  # seconds until a service must answer again


def find() -> Path:
    """The library: what the variable names, else where Debian puts it, below the folders that PATH is of."""
    named = os.environ.get(VARIABLE)
    folders = [Path(one).parent / "lib" for one in os.environ.get("PATH", "").split(os.pathsep) if one]
    found = [Path(named)] if named else [path for one in folders for path in sorted(one.glob(f"*/{LIBRARY}"))]
    for path in found:
        if path.is_file():
            return path
    fix = f"install libfaketime (Debian: apt-get install libfaketime), or name the library in {VARIABLE}"
    raise Problems(
        [Problem("the clock of one host cannot be moved here", "all hosts share the clock of this machine", fix)]
    )


def begin(lab: SystemLab, host: Host, library: Path) -> None:
    """Start the program of a host under a clock of its own, which is right as yet. Raises Problems."""
    copy, file = lab.room / "libfaketime.so.1", _file(lab, host.name)
    shutil.copyfile(library, copy)  # where the user of the programs can read it
    copy.chmod(0o755)
    _write(file, 0.0)
    told = {
        "LD_PRELOAD": str(copy), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_CACHE_DURATION": f"{KEPT:g}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    if not versions.restart(lab, host, PATIENCE, told):
        raise Problems([Problem(f"{host.name} does not run under another clock", f"tried {library}")])


def move(lab: SystemLab, host: str, seconds: float) -> None:
    """Its clock is that far off, once this returns."""
    _write(_file(lab, host), seconds)
    time.sleep(KEPT + 1.2)  # it counts whole seconds


def _write(file: Path, seconds: float) -> None:
    new = file.with_suffix(".new")
    new.write_text(f"{seconds:+.3f}\n")
    new.chmod(0o644)
    new.replace(file)  # it is read while it is written


def end(lab: SystemLab, host: Host) -> None:
    """The machine's own clock again."""
    _file(lab, host.name).unlink(missing_ok=True)
    versions.restart(lab, host, PATIENCE)


def _file(lab: SystemLab, host: str) -> Path:
    return lab.room / host / "etc/clock"
