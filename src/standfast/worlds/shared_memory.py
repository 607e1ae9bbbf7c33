"""What a process that was killed leaves in shared memory, and how it is taken away."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from standfast.worlds.process import Process, began

SEGMENTS, MEMORY = Path("/proc/sysvipc/shm"), Path("/dev/shm")
CLOCKS = ("faketime_shm_{}", "sem.faketime_sem_{}")  # of libfaketime, by the number of the process
REMOVE = 0  # IPC_RMID: at once, or when the last one lets go of it


def forget(processes: Iterable[Process]) -> None:
    """Take away what these have left in shared memory: PostgreSQL one small segment, libfaketime two files. Only of
    those that are gone, and only what was made since they began: a number is another's before and after."""
    gone = {one.pid: _since(one) for one in processes if not one.alive}
    if not gone:
        return
    for number, creator, made, _ in _segments():
        if creator in gone and made >= gone[creator] and not began(creator):
            ctypes.CDLL(None).shmctl(number, REMOVE, None)
    for pid, since in gone.items():
        for name in CLOCKS:
            path = MEMORY / name.format(pid)
            try:
                if path.lstat().st_mtime >= since and not began(pid):  # nor a new one of this number
                    path.unlink()
            except OSError:
                continue


def forget_crashed(since: float) -> None:
    """Take away the segments that were made from then on, in seconds since 1970, by a process that is gone, and that
    nobody has: what a program of PostgreSQL leaves that crashed, such as initdb on a full disk."""
    for number, creator, made, users in _segments():
        if made >= int(since) and not users and not began(creator):
            ctypes.CDLL(None).shmctl(number, REMOVE, None)


def _segments() -> list[tuple[int, int, int, int]]:
    """Number, creator, time it was made and how many have it, of every segment of System V."""
    try:
        rows = [line.split() for line in SEGMENTS.read_text().splitlines()[1:]]
    except OSError:
        return []
    return [(int(one[1]), int(one[4]), int(one[13]), int(one[6])) for one in rows]


def _since(process: Process) -> float:
    """When it began, in seconds since 1970; never where that is not known."""
    try:
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
        return int(boot.split()[1]) + int(process.began) / os.sysconf("SC_CLK_TCK") - 1
    except (OSError, StopIteration, ValueError):
        return float("inf")
