"""The controller: notices that the primary is gone, and puts another in its place.

What a managed database, or Patroni, does in production with longer times; here three connections refused, 100 ms
apart, are enough, since no network can lose them.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from standfast.problem import Problems
from standfast.worlds.database import Hear
from standfast.worlds.lab.postgres import Server

INTERVAL = 0.100  # seconds between two looks, and until one look is given up
FAILURES = 3


class Controller:
    """Watches `primary`; once it is lost, calls `recover`, which returns the name of the server that took over."""

    def __init__(self, primary: Server, recover: Callable[[], str], hear: Hear):
        self.primary, self.recover, self.hear = primary, recover, hear
        self.stopping = threading.Event()
        self.failure: Problems | None = None
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        if self.thread.is_alive():
            self.thread.join(timeout=10.0)

    def _watch(self) -> None:
        failures = 0
        try:
            while not self._pause(failures):
                failures = 0 if self._answers() else failures + 1
                if failures == 1:
                    self.hear("suspected", server=self.primary.name)
                if failures == FAILURES:
                    self.hear("detected", server=self.primary.name)
                    self.hear("promoted", server=self.recover())
                    return
        except Problems as problems:
            self.failure = problems
            self._tell(problems)

    def _pause(self, failures: int) -> bool:
        """Wait until the next look is due. True: it is to end. `failures`: looks in a row that found nobody."""
        return self.stopping.wait(INTERVAL)

    def _tell(self, problems: Problems) -> None:
        try:
            self.hear("not_promoted", why=problems.problems[0].what)
        except Problems:
            return  # the history itself cannot be written: the drill's own thread meets the same and says so

    def _answers(self) -> bool:
        try:
            with socket.create_connection(self.primary.address, timeout=INTERVAL):
                return True
        except OSError:
            return False
