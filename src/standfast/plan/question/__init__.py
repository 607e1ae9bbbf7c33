"""One spec over the catalogs of its clouds as the solver's question: places, options, requirements, worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from standfast.clouds import Catalog
from standfast.plan import cost, standby
from standfast.plan.choice.solve import Undecided, solve
from standfast.plan.choice.tables import Group, Requirement, Solution, Table
from standfast.plan.model import CostLine
from standfast.plan.models import load as load_model
from standfast.plan.options import Options, cluster, of_component
from standfast.plan.place import DESIGNS, Place, Standby, allowed, places
from standfast.plan.question.least import Least
from standfast.plan.question.requirements import Latency, Uptime
from standfast.problem import CannotTell, Problem
from standfast.spec.model import System

SECONDS, EACH = 60.0, 0.6  # the solver's time, at least and for each component; what is not proven by then is told
# with its gap, or unknown, never impossible
EXACT_UP_TO = 60  # components; with more, GAP is near enough
GAP = 9e-4  # of the cost

Catalogs = Mapping[str, Catalog]


class Question:
    """One spec over some catalogs: everything the solver needs, worked out once and used by every re-solve."""

    def __init__(self, system: System, catalogs: Catalog | Catalogs):
        self.system = system
        self.catalogs: Catalogs = catalogs if isinstance(catalogs, Mapping) else {catalogs.cloud: catalogs}
        self.load = load_model.loads(system)
        self.usage = cost.usage(system, self.load)
        self.names = [part.name for part in (*system.services, *system.stores)]
        self.essential = system.essential
        self._ranked: dict[str, list[tuple[float, Standby]]] = {}
        self._standing_by: dict[tuple[str, str, str], list[CostLine]] = {}
        self._needed: dict[tuple[int, str], list[cost.Need]] = {}
        self._options: dict[str, list[Options]] = {}
        self.places = [place for one in places(system, self.catalogs.values()) for place in self._behind(one)]

    # -- standby regions -------------------------------------------------------------------------------

    def _behind(self, place: Place) -> list[Place]:
        """The place without a standby where no lost region is promised to come back, else with each design."""
        if "region" not in self.system.promises.reliability.recovery:
            return [place]
        found = [replace(place, standby=self._cheapest_standby(place, design)) for design in DESIGNS]
        return [one for one in found if one.standby]

    def _cheapest_standby(self, place: Place, design: str) -> Standby | None:
        """The other region that costs least: nothing else depends on which it is, so no choice is lost by it."""
        if design not in self._ranked:
            self._ranked[design] = self._rank(design)
        best: tuple[float, Standby | None] = (np.inf, None)
        for least, one in self._ranked[design]:
            if least >= best[0]:
                break  # not even free traffic would make a later one cheaper
            if standby.possible(self.system, place, one):
                sent = standby.traffic(self.system, self.load, place, one.catalog.cloud, design)
                best = min(best, (least + sent.monthly.typical, one), key=lambda found: found[0])
        return best[1]

    def _rank(self, design: str) -> list[tuple[float, Standby]]:
        """Every allowed region by what a standby of this design costs there, traffic apart."""
        free = replace(self.system, rules=replace(self.system.rules, regions=()))
        found = []
        for cloud, regions in allowed(free, self.catalogs.values()).items():
            for region in regions:
                one = Standby(design, self.catalogs[cloud], region)
                try:
                    lines = self._standby_lines(one)
                except standby.NotSold:
                    continue
                found.append((sum(bought.monthly.typical for bought in lines), one))
        return sorted(found, key=lambda one: (one[0], one[1].region.name))

    def _standby_lines(self, one: Standby) -> list[CostLine]:
        key = one.design, one.catalog.cloud, one.region.name
        if key not in self._standing_by:
            lines = standby.lines(self.system, self.load, one.catalog, one.region, one.design)
            self._standing_by[key] = lines
        return self._standing_by[key]

    # -- options and bills -----------------------------------------------------------------------------

    def options(self, place: Place) -> list[Options]:
        """Per component every way to run it there."""
        if place.name not in self._options:
            self._options[place.name] = list(self._ways(place))
        return self._options[place.name]

    def _ways(self, place: Place) -> Iterator[Options]:
        return (of_component(self.system, name, self.load[name], place) for name in self.names)

    def groups(self) -> list[Group]:
        least = Least(self.system, self.load)
        found = []
        for place in self.places:
            fixed = self.fixed(place)
            found.append(Group(place.name, partial(self._tables, place), fixed, fixed + least.of(place)))
        return found

    def _tables(self, place: Place) -> list[Table]:
        """For the search: it looks into many places, so what makes choices of their rows is not kept."""
        return [one.table for one in self._ways(place)]

    def fixed(self, place: Place) -> float:
        """USD a month of the plan's own parts, whatever is chosen: the sum of `shared`."""
        own = cost.monthly(self._needs(place), place.catalog, place.region.name)
        return sum((one.monthly.typical for part in self._beside(place).values() for one in part), start=own)

    def shared(self, place: Place) -> dict[str, list[CostLine]]:
        """The bill of the plan's own parts."""
        return cost.lines_of(self._needs(place), place.catalog, place.region.name) | self._beside(place)

    def _needs(self, place: Place) -> list[cost.Need]:
        """The same in every region. Servers are counted by their least number: NAT is a small line."""
        key = place.zones, place.shape
        if key not in self._needed:
            servers = len(self.system.services) * max(2, place.zones)
            self._needed[key] = cost.needs(self.system, self.usage, place.zones, place.shape, servers)
        return self._needed[key]

    def _beside(self, place: Place) -> dict[str, list[CostLine]]:
        """What the place brings with it: a cluster, a standby."""
        lines: dict[str, list[CostLine]] = {}
        if place.shape == "kubernetes":
            lines["cluster"] = cluster.lines(place)
        if place.standby:
            one = place.standby
            sent = standby.traffic(self.system, self.load, place, one.catalog.cloud, one.design)
            lines["standby"] = [*self._standby_lines(one), sent]
        return lines

    # -- requirements ----------------------------------------------------------------------------------

    @cached_property
    def by_name(self) -> dict[str, Place]:
        return {place.name: place for place in self.places}

    @cached_property
    def rtt(self) -> dict[str, dict[str, float]]:
        """Place -> country of the users -> seconds of round trip."""
        users = self.system.promises.performance.users
        known = {
            (place.cloud, place.region.name): {
                country: place.catalog.rtt(country, place.region.name)[0] for country in users
            }
            for place in self.places
        }
        return {place.name: known[place.cloud, place.region.name] for place in self.places}

    @cached_property
    def uptime(self) -> Uptime:
        return Uptime(self.system, self.names, self.by_name)

    def requirements(self) -> list[Requirement]:
        """The promises about the whole that a combination must keep."""
        latency = Latency(self.system, self.names, self.load, self.rtt)
        return [self.uptime.requirement(), *latency.requirements()]


def decide(question: Question, *, budget: bool = True, enough: bool = False) -> Solution | None:
    """The cheapest solution; None when it is proven that there is none. Raises CannotTell when time ran out first.

    `enough`: any solution will do.
    """
    limit = question.system.promises.cost.budget
    most = limit if budget and limit is not None else np.inf
    gap = 0.0 if len(question.names) <= EXACT_UP_TO else GAP
    seconds = max(SECONDS, EACH * len(question.names))
    try:
        return solve(question.groups(), question.requirements(), most=most, gap=gap, seconds=seconds, enough=enough)
    except Undecided as undecided:
        why = f"{undecided} after {seconds:g} s; whether a plan exists is unknown"
        fix = "allow fewer regions with rules.regions, and plan again"
        problem = Problem("the solver could not finish", why, fix, question.system.where("rules"))
        raise CannotTell(problem) from undecided
