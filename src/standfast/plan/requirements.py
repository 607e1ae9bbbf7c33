"""The promises about the whole as requirements of the solver: the true models, and linear bounds on them.

Facts of a service: (-count, needed) for availability, (-vcpu of one, -speed, -count) for latency. Of a database or
cache: (1 if single,) and (-vcpu, -speed). An object store has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from standfast.clouds import Catalog
from standfast.plan import bounds
from standfast.plan.choice.tables import Point, Relaxation, Requirement, ideal
from standfast.plan.models import availability, latency
from standfast.plan.models.availability import Part, essential_parts, regional
from standfast.plan.models.deadline import Deadline
from standfast.plan.models.latency import Serving
from standfast.plan.models.load import Load
from standfast.spec.model import Service, System

CLOSE = 3e-4  # of the share in time: nearer to the promise than this, the finer grid of `latency.percentiles` decides


class Uptime:
    """The availability of one system over one catalog."""

    def __init__(self, system: System, names: Sequence[str], catalog: Catalog, zones: Mapping[str, int]):
        self.system, self.names, self.zones = system, names, zones
        self.essential = essential_parts(system)
        self.sla = lru_cache(maxsize=None)(lambda item: catalog.sla(item).uptime)
        self._known: dict[tuple[str, bytes, int], Part] = {}

    def requirement(self) -> Requirement:
        wanted = self.system.promises.reliability.availability
        return Requirement("availability", self._down, 1 - wanted, self._relaxed)

    def part(self, name: str, facts: np.ndarray, zones: int) -> Part:
        """What these facts of a component are to the availability model."""
        key = name, facts.tobytes(), zones
        if key not in self._known:
            self._known[key] = self._part(name, facts, zones)
        return self._known[key]

    def _part(self, name: str, facts: np.ndarray, zones: int) -> Part:
        part = self.system.component(name)
        if isinstance(part, Service):
            spread = availability.spread(int(-facts[0]), zones)
            return availability.group(spread, int(facts[1]), self.sla("server.single"))
        if not len(facts):
            return regional(self.sla("objects"))
        design = "single" if facts[0] else ("replicated" if part.kind == "redis" else "multi-az")
        return regional(self.sla(f"{part.kind}.{design}"))

    def _down(self, group: str, point: Point) -> float:
        zones = self.zones[group]
        parts = {"balancer": regional(self.sla("balancer"))}
        for name, facts in zip(self.names, point, strict=True):
            if name in self.essential:
                parts[name] = self.part(name, facts, zones)
        return 1 - availability.availability(parts, zones=zones)

    def _relaxed(self, group: str, facts: Sequence[np.ndarray]) -> Relaxation | None:
        zones = self.zones[group]
        parts = [
            [self.part(name, row, zones) if name in self.essential else None for row in some]
            for name, some in zip(self.names, facts, strict=True)
        ]
        return bounds.of_availability(self.system.promises.reliability.availability, parts, zones, self.sla("balancer"))


class Latency:
    """The percentiles of one system; `rtt`: group -> country -> seconds."""

    def __init__(
        self, system: System, names: Sequence[str], load: Mapping[str, Load], rtt: Mapping[str, Mapping[str, float]]
    ):
        self.system, self.names, self.load, self.rtt = system, names, load, rtt
        calls = [call for service in system.services for call in service.calls]
        ways = [way for call in calls for way in (call.share, call.times % 1, 1 - call.hit_rate) if way > 0]
        self.rarest = min(ways, default=1.0)

    def requirements(self) -> list[Requirement]:
        return [self._of(name, limit) for name, limit in self.system.promises.performance.percentiles.items()]

    def _of(self, name: str, limit: float) -> Requirement:
        deadline, share = Deadline(self.system, self.load, limit), latency.share_of(name)
        trust = bounds.TRUST if self.rarest > bounds.RARE * (1 - share) * 0.999 else bounds.TRUST_RARE

        def own(point: Point) -> dict[str, np.ndarray]:
            return {part: deadline.own(part, serving_of(facts)) for part, facts in zip(self.names, point, strict=True)}

        def value(group: str, point: Point) -> float:
            serving = {part: serving_of(facts) for part, facts in zip(self.names, point, strict=True)}
            return latency.percentiles(self.system, serving, self.rtt[group], (name,), self.load)[name]

        def quick(group: str, point: Point) -> bool | None:
            found = deadline.share(own(point), self.rtt[group])
            return None if abs(found - share) < CLOSE else found > share

        def relaxed(group: str, facts: Sequence[np.ndarray]) -> Relaxation | None:
            best = own(ideal(facts))
            there, slopes = deadline.slopes(best, self.rtt[group])
            return bounds.of_deadline(
                share, there,
                [slopes[part] for part in self.names], [best[part] for part in self.names],
                [
                    np.array([deadline.own(part, serving_of(row)) for row in some])
                    for part, some in zip(self.names, facts, strict=True)
                ],
                trust,
            )  # fmt: skip

        return Requirement(name, value, limit, relaxed, quick)


def serving_of(facts: np.ndarray) -> Serving:
    """What these facts of a component are to the latency model."""
    if len(facts) == 3:
        return Serving(facts[0] * facts[2], -facts[1], int(-facts[2]))
    return Serving(-facts[0], -facts[1], 1) if len(facts) == 2 else Serving()
