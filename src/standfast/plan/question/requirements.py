"""The promises about the whole as requirements of the solver: the true models, and linear bounds on them.

Facts for availability: of a service the chance that too few of it are up while 0, 1 … of the zones are, of a store the
share of time that it is away. For latency: of a service (-speed, -vCPU of one, -vCPU of all), of a database or cache
(-speed, -vCPU), of an object store none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from standfast.plan.choice.tables import Point, Ranges, Relaxation, Requirement
from standfast.plan.models import latency
from standfast.plan.models.availability import REGION, zones_up
from standfast.plan.models.deadline import Deadline
from standfast.plan.models.load import Load
from standfast.plan.options import own
from standfast.plan.place import Place
from standfast.plan.question import bounds
from standfast.plan.question.late import Late, serving_of
from standfast.spec.model import System

CLOSE = 3e-4  # of the share in time: nearer to the promise than this, the finer grid of `latency.percentiles` decides


class Uptime:
    """The availability of one system in some places, by their names: `models.availability` for zones that are alike."""

    def __init__(self, system: System, names: Sequence[str], places: Mapping[str, Place]):
        self.system, self.places = system, places
        essential = system.essential
        self.own = lru_cache(maxsize=None)(lambda group: own.uptime(system, places[group]))
        self.counts = [name in essential for name in names]

    def requirement(self) -> Requirement:
        wanted = self.system.promises.reliability.availability
        return Requirement("availability", self._down, 1 - wanted, self._relaxed)

    def _down(self, group: str, point: Point) -> float:
        place = self.places[group]
        managed = [1 - down[0] for down, counts in zip(point, self.counts, strict=True) if counts and len(down) == 1]
        always = REGION * self.own(group) * float(np.prod(managed))
        placed = [down for down, counts in zip(point, self.counts, strict=True) if counts and len(down) > 1]
        return 1 - always * sum(
            zones_up(up, place.zones) * float(np.prod([1 - down[up] for down in placed]))
            for up in range(place.zones + 1)
        )

    def _relaxed(self, group: str, facts: Sequence[np.ndarray], ranges: Ranges) -> Relaxation | None:
        place = self.places[group]
        downs = [down if counts else 0 * down[:, :1] for down, counts in zip(facts, self.counts, strict=True)]
        wanted = self.system.promises.reliability.availability
        return bounds.of_availability(wanted, downs, place.zones, self.own(group), ranges)


class Latency:
    """The percentiles of one system; `rtt`: group -> country -> seconds."""

    def __init__(
        self, system: System, names: Sequence[str], load: Mapping[str, Load], rtt: Mapping[str, Mapping[str, float]]
    ):
        self.system, self.names, self.load, self.rtt = system, names, load, rtt

    def requirements(self) -> list[Requirement]:
        return [self._of(name, limit) for name, limit in self.system.promises.performance.percentiles.items()]

    def _of(self, name: str, limit: float) -> Requirement:
        deadline, share = Deadline(self.system, self.load, limit), latency.share_of(name)
        late = Late(self.system, self.load, self.names, name, limit, share, self.rtt)

        def own(point: Point) -> dict[str, np.ndarray]:
            return {part: deadline.own(part, serving_of(facts)) for part, facts in zip(self.names, point, strict=True)}

        def value(group: str, point: Point) -> float:
            serving = {part: serving_of(facts) for part, facts in zip(self.names, point, strict=True)}
            return latency.percentiles(self.system, serving, self.rtt[group], (name,), self.load)[name]

        def quick(group: str, point: Point) -> bool | None:
            found = deadline.share(own(point), self.rtt[group])
            return None if abs(found - share) < CLOSE else found > share

        return Requirement(name, value, limit, quick=quick, cut=late.cut)
