"""Discrete-event simulations in SimPy: the oracles. They share no line with what they judge."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Mapping

import simpy

from standfast.plan.models.availability import FAILOVERS, Part

MONTH = 730 * 3600.0
YEAR = 365.25 * 86_400.0


class Estate:
    """A system of parts in zones, each machine a process that fails and is repaired; downtime is kept per month."""

    def __init__(self, parts: Mapping[str, Part], seed: int, months: int, zone: float, region: float, repairs):
        self.env, self.random, self.parts = simpy.Environment(), random.Random(seed), parts
        self.down = [0.0] * months
        self.outages = 0
        self.zones = [1] * max((len(part.instances) for part in parts.values()), default=0)
        self.alive = {name: list(part.instances) for name, part in parts.items()}
        self.broken = 0  # shared or managed things that are down
        self.since: float | None = None
        self._run(region, repairs.region, self._shared)
        for at in range(len(self.zones)):
            self._run(zone, repairs.zone, self._zone(at))
        for name, part in parts.items():
            self._run(part.service, repairs.service, self._shared)
            if part.outage:
                self._run(1 - part.outage, part.outage * YEAR / FAILOVERS, self._shared)
            for at, count in enumerate(part.instances):
                for _ in range(count):
                    self._run(part.instance, repairs.instance, self._instance(name, at))
        self.look()
        self.env.run(until=months * MONTH)
        if self.since is not None:
            self._count(self.since, self.env.now)

    def _run(self, available: float, repair: float, change: Callable[[int], None]) -> None:
        if available < 1:
            self.env.process(self._machine(available, repair, change))

    def _machine(self, available: float, repair: float, change: Callable[[int], None]) -> Generator:
        lasts = repair * available / (1 - available)
        up = self.random.random() < available
        if not up:
            change(-1)
        while True:
            yield self.env.timeout(self.random.expovariate(1 / (lasts if up else repair)))
            up = not up
            change(1 if up else -1)

    def _shared(self, change: int) -> None:
        self.broken -= change
        self.look()

    def _zone(self, at: int) -> Callable[[int], None]:
        def changed(change: int) -> None:
            self.zones[at] += change
            self.look()

        return changed

    def _instance(self, name: str, at: int) -> Callable[[int], None]:
        alive = self.alive[name]

        def changed(change: int) -> None:
            alive[at] += change
            self.look()

        return changed

    def look(self) -> None:
        """Is the system up now? Where that changes, note it."""
        up = not self.broken and all(
            not alive or sum(n * z for n, z in zip(alive, self.zones, strict=False)) >= self.parts[name].needed
            for name, alive in self.alive.items()
        )
        if not up and self.since is None:
            self.since = self.env.now
            self.outages += 1
        elif up and self.since is not None:
            self._count(self.since, self.env.now)
            self.since = None

    def _count(self, start: float, end: float) -> None:
        while start < end:
            at = int(start / MONTH)
            stop = min(end, (at + 1) * MONTH)
            if at < len(self.down):
                self.down[at] += stop - start
            start = stop
