"""The promises about the whole as requirements of the solver: the true models, and linear bounds on them.

Facts of a service: (-count, needed) for availability, (-vcpu of one, -speed, -count) for latency. Of a database or
cache: (1 if single,) and (-vcpu, -speed). An object store has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from standfast.plan.choice.tables import Point, Relaxation, Requirement, ideal
from standfast.plan.models import availability, latency
from standfast.plan.models.availability import Part, essential_parts, regional
from standfast.plan.models.deadline import Deadline
from standfast.plan.models.latency import Serving
from standfast.plan.models.load import Load
from standfast.plan.options.model import sla
from standfast.plan.options.service import instances
from standfast.plan.place import Place
from standfast.plan.question import bounds
from standfast.spec.model import Service, System

CLOSE = 3e-4  # of the share in time: nearer to the promise than this, the finer grid of `latency.percentiles` decides


class Uptime:
    """The availability of one system in some places, by their names."""

    def __init__(self, system: System, names: Sequence[str], places: Mapping[str, Place]):
        self.system, self.names, self.places = system, names, places
        self.essential = essential_parts(system)
        self._known: dict[tuple[str, str, str, bytes, int], Part] = {}

    def requirement(self) -> Requirement:
        wanted = self.system.promises.reliability.availability
        return Requirement("availability", self._down, 1 - wanted, self._relaxed)

    def part(self, name: str, facts: np.ndarray, place: Place) -> Part:
        """What these facts of a component are to the availability model."""
        key = place.cloud, place.shape, name, facts.tobytes(), place.zones
        if key not in self._known:
            self._known[key] = self._part(name, facts, place)
        return self._known[key]

    def _part(self, name: str, facts: np.ndarray, place: Place) -> Part:
        part = self.system.component(name)
        if isinstance(part, Service):
            return instances(int(-facts[0]), int(facts[1]), place)
        if not len(facts):
            return regional(sla(place, "objects"))
        design = "single" if facts[0] else ("replicated" if part.kind == "redis" else "multi-az")
        return regional(sla(place, f"{part.kind}.{design}"))

    def _down(self, group: str, point: Point) -> float:
        place = self.places[group]
        parts = {"balancer": regional(sla(place, "balancer"))}
        for name, facts in zip(self.names, point, strict=True):
            if name in self.essential:
                parts[name] = self.part(name, facts, place)
        return 1 - availability.availability(parts, zones=place.zones)

    def _relaxed(self, group: str, facts: Sequence[np.ndarray]) -> Relaxation | None:
        place = self.places[group]
        parts = [
            [self.part(name, row, place) if name in self.essential else None for row in some]
            for name, some in zip(self.names, facts, strict=True)
        ]
        wanted = self.system.promises.reliability.availability
        return bounds.of_availability(wanted, parts, place.zones, sla(place, "balancer"))


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
