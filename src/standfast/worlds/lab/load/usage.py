"""CPU time that processes have used, and the whole machine, from the kernel's own books (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from standfast.worlds.process import Process


def used(processes: Iterable[Process]) -> float | None:
    """CPU seconds of these processes, all threads, since each began; None where the system does not tell."""
    total, told = 0.0, False
    for one in processes:
        try:
            for thread in Path(f"/proc/{one.pid}/task").iterdir():
                total += int((thread / "schedstat").read_text().split()[0]) / 1e9
                told = True
        except (OSError, ValueError, IndexError):
            continue  # it has just ended
    return total if told else None


def machine_used() -> float | None:
    """CPU seconds that everything on this machine has used since it started; None where the system does not tell."""
    try:
        fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _, _, irq, softirq, steal = map(int, fields[:8])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
