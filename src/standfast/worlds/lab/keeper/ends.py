"""Which processes have ended: the kernel tells, and is not asked for each again and again."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Iterable

from standfast.worlds.lab.processes import reap
from standfast.worlds.process import Process


class Ends:
    """Which processes have ended, without asking for each again and again: the kernel says so (pidfd, Linux 5.3)."""

    def __init__(self) -> None:
        self.poll, self.open = select.poll(), dict[Process, int]()

    def watch(self, processes: Iterable[Process]) -> None:
        """These, and no others."""
        wanted = set(processes)
        for process in self.open.keys() - wanted:
            self._forget(process)
        for process in wanted - self.open.keys():
            with contextlib.suppress(OSError, AttributeError):  # it is gone; or the kernel cannot tell: `alive` asks
                descriptor = os.pidfd_open(process.pid)
                self.open[process] = descriptor
                self.poll.register(descriptor, select.POLLIN)
                if not process.alive:  # the number was another's by now
                    self._forget(process)

    def alive(self, process: Process) -> bool:
        return process in self.open or process.alive

    def wait(self, seconds: float) -> None:
        """Until one ends, and no longer than this."""
        ended = {descriptor for descriptor, _ in self.poll.poll(seconds * 1000)}
        for process in [one for one, descriptor in self.open.items() if descriptor in ended]:
            self._forget(process)
            reap(process)  # it may have been started here

    def _forget(self, process: Process) -> None:
        descriptor = self.open.pop(process)
        self.poll.unregister(descriptor)
        os.close(descriptor)
