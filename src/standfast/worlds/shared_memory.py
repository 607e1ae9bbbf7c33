"""What a process that was killed leaves in shared memory, and how it is taken away."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from standfast.worlds.process import Process

SEGMENTS, MEMORY = Path("/proc/sysvipc/shm"), Path("/dev/shm")
CLOCKS = ("faketime_shm_{}", "sem.faketime_sem_{}")  # of libfaketime, by the number of the process
REMOVE = 0  # IPC_RMID: at once, or when the last one lets go of it


def forget(processes: Iterable[Process]) -> None:
    """Take away what these have left in shared memory: PostgreSQL one small segment, libfaketime two files. Only of
    those that are gone, and only what was made since they began: a number is another's before and after."""
    gone = {one.pid: _since(one) for one in processes if not one.alive}
    if not gone:
        return
    try:
        rows = SEGMENTS.read_text().splitlines()[1:]
    except OSError:
        rows = []
    for fields in map(str.split, rows):
        made, creator = int(fields[13]), int(fields[4])
        if creator in gone and made >= gone[creator] and not Path(f"/proc/{creator}").exists():
            ctypes.CDLL(None).shmctl(int(fields[1]), REMOVE, None)
    for pid, since in gone.items():
        for name in CLOCKS:
            path = MEMORY / name.format(pid)
            try:
                if path.lstat().st_mtime >= since and not Path(f"/proc/{pid}").exists():
                    path.unlink()
            except OSError:
                continue


def _since(process: Process) -> float:
    """When it began, in seconds since 1970; never where that is not known."""
    try:
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
        return int(boot.split()[1]) + int(process.began) / os.sysconf("SC_CLK_TCK") - 1
    except (OSError, StopIteration, ValueError):
        return float("inf")
