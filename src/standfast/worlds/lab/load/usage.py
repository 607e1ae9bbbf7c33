"""CPU time that processes have used, and the whole machine, from the kernel's own books (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from standfast.worlds.process import Process


def used(processes: Iterable[Process]) -> float:
    """CPU seconds of all threads of these processes, since each began; 0 where the system does not tell."""
    total = 0
    for one in processes:
        try:
            for thread in Path(f"/proc/{one.pid}/task").iterdir():
                total += int((thread / "schedstat").read_text().split()[0])  # docs.kernel.org/scheduler/sched-stats
        except (OSError, ValueError):
            continue  # it has just ended
    return total / 1e9


def machine_used() -> float:
    """CPU seconds that everything on this machine has used since it started; 0 where the system does not tell."""
    try:
        fields = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:9]
    except OSError:
        return 0.0
    user, nice, system, _, _, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
