"""A process another run of Standfast may have started: known by its number and by when it began.

A process number alone is not an identity: the system hands it out again. With the time it began it is one,
so nothing is ever ended that was not started here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    pid: int
    began: str  # as the system tells it: clock ticks since boot on Linux, a date elsewhere

    @classmethod
    def of(cls, pid: int) -> Process:
        return cls(pid, began(pid))

    @property
    def alive(self) -> bool:
        return self.began != "" and began(self.pid) == self.began

    def signal(self, number: int) -> None:
        if self.alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def end(self, grace: float = 5.0) -> None:
        """Ask it to end, wait up to `grace` seconds, then kill it. Nothing happens when it is gone already."""
        for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
            self.signal(number)
            if self.gone_within(patience):
                return

    def gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def began(pid: int) -> str:
    """When the process began; "" where there is none, or only its exit code is left to be read."""
    if pid <= 0:
        return ""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()  # the name before ")" may hold anything
        except (FileNotFoundError, ProcessLookupError):
            return ""  # any other error is one: to take a process for gone that is not would be worse
        return "" if fields[0] in "ZX" else fields[19]
    asked = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, when = asked.stdout.strip().partition(" ")
    return "" if not state or state.startswith("Z") else when.strip()
