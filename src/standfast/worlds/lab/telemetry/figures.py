"""What a cloud tells of its stores and servers, of the lab: processors, memory, disks, bytes of objects."""

from __future__ import annotations

import http.client
import os
import re
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from standfast.worlds.lab.system import disks, launch, sight
from standfast.worlds.lab.system.launch import Records
from standfast.worlds.process import Process

CPU, MEMORY = "standfast_lab_cpu_seconds_total", "standfast_lab_memory_bytes"
STORED = "standfast_lab_stored_bytes"
SIZE_OF, FREE = "standfast_lab_disk_size_bytes", "standfast_lab_disk_free_bytes"
TICKS = os.sysconf("SC_CLK_TCK")
SIZE = re.compile(rb"<Size>(\d+)</Size>")


def text(folder: Path, hosts: Iterable[Mapping[str, Any]]) -> bytes:
    """`folder`: of the lab; hosts: name, component, role, address, port of each, its root and the bytes of its disk."""
    records, below = Records(folder).named(), launch.tree()
    lines: dict[str, list[str]] = {CPU: [], MEMORY: [], STORED: [], SIZE_OF: [], FREE: []}
    for one in hosts:
        labels = f'{{component="{one["component"]}",instance="{one["name"]}"}}'
        process = records.get(one["name"])
        if process is not None and process.alive:
            lines[CPU].append(f"{CPU}{labels} {cpu(process, below):.2f}")
            used = sight.memory(process, below)
            if used is not None:
                lines[MEMORY].append(f"{MEMORY}{labels} {used * 2**20:.0f}")
        if one["disk"]:
            left = disks.free(one["name"], one["disk"], Path(one["root"]), folder)
            lines[SIZE_OF].append(f"{SIZE_OF}{labels} {one['disk']}")
            lines[FREE].append(f"{FREE}{labels} {left}")
        if one["role"] == "objects":
            stored = bucket(one)
            if stored is not None:
                lines[STORED].append(f"{STORED}{labels} {stored}")
    kinds = {CPU: "counter", MEMORY: "gauge", STORED: "gauge", SIZE_OF: "gauge", FREE: "gauge"}
    told = [line for name, kind in kinds.items() for line in (f"# TYPE {name} {kind}", *lines[name])]
    return ("\n".join(told) + "\n").encode()


def cpu(process: Process, below: Mapping[int, list[Process]]) -> float:
    """Seconds that the process, its children, and those that have ended have used."""
    total, todo = 0, [process]
    while todo:
        one = todo.pop()
        todo += below.get(one.pid, [])
        try:
            fields = Path(f"/proc/{one.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15])  # utime, stime, and those of children waited for
    return total / TICKS


def bucket(host: Mapping[str, Any]) -> int | None:
    """Bytes of the first thousand objects: the services keep a hundred."""
    url = f"http://{host['address']}:{host['port']}/{host['component']}?list-type=2"
    try:
        with urllib.request.urlopen(url, timeout=0.5) as answer:
            return sum(map(int, SIZE.findall(answer.read())))
    except (OSError, http.client.HTTPException):
        return None
