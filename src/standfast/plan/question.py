"""One spec over one catalog as the solver's question: places, options, requirements, worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from standfast.clouds import Catalog, Region
from standfast.plan import cost
from standfast.plan.choice.options import Options, of_component
from standfast.plan.choice.solve import Undecided, solve
from standfast.plan.choice.tables import Group, Requirement, Solution, Table
from standfast.plan.model import CostLine
from standfast.plan.models import load as load_model
from standfast.plan.models.availability import essential_parts
from standfast.plan.requirements import Latency, Uptime
from standfast.problem import CannotTell, Problem, Problems, did_you_mean, quoted
from standfast.spec.model import System

SECONDS = 60.0  # the solver's time; what is not proven by then is unknown, never impossible
MOST_ZONES = 3


@dataclass(frozen=True)
class Place:
    """A region and how many of its zones: one group of the solver."""

    region: Region
    zones: int

    @property
    def name(self) -> str:
        return f"{self.region.name}/{self.zones}"


class Question:
    """One spec over one catalog: everything the solver needs, worked out once and used by every re-solve."""

    def __init__(self, system: System, catalog: Catalog):
        self.system, self.catalog = system, catalog
        self.load = load_model.loads(system)
        self.names = [part.name for part in (*system.services, *system.stores)]
        self.places = [
            Place(region, zones)
            for region in allowed(system, catalog.regions())
            for zones in range(1, min(MOST_ZONES, max(1, region.zones)) + 1)
        ]
        self.essential = essential_parts(system)
        self._options: dict[str, list[Options]] = {}

    @cached_property
    def rtt(self) -> dict[str, dict[str, float]]:
        users = self.system.promises.performance.users
        return {
            place.region.name: {country: self.catalog.rtt(country, place.region.name)[0] for country in users}
            for place in self.places
        }

    def options(self, place: Place) -> list[Options]:
        if place.name not in self._options:
            self._options[place.name] = [
                of_component(self.system, name, self.load[name], self.catalog, place.region.name, place.zones)
                for name in self.names
            ]
        return self._options[place.name]

    def groups(self) -> list[Group]:
        return [Group(place.name, partial(self._tables, place), self.fixed(place)) for place in self.places]

    def _tables(self, place: Place) -> list[Table]:
        return [one.table for one in self.options(place)]

    def fixed(self, place: Place) -> float:
        lines = self.shared(place)
        return sum(one.monthly.typical for part in lines.values() for one in part)

    def shared(self, place: Place) -> dict[str, list[CostLine]]:
        """The bill of the plan's own parts. Servers are counted by their least number: NAT is a small line."""
        servers = len(self.system.services) * max(2, place.zones)
        return cost.shared_lines(self.system, self.load, self.catalog, place.region.name, place.zones, servers)

    def place(self, name: str) -> Place:
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Place]:
        return {place.name: place for place in self.places}

    @cached_property
    def uptime(self) -> Uptime:
        return Uptime(self.system, self.names, self.catalog, {place.name: place.zones for place in self.places})

    def requirements(self) -> list[Requirement]:
        """The promises about the whole that a combination must keep."""
        rtt = {place.name: self.rtt[place.region.name] for place in self.places}
        return [self.uptime.requirement(), *Latency(self.system, self.names, self.load, rtt).requirements()]


def allowed(system: System, regions: Sequence[Region]) -> list[Region]:
    """The regions that `rules.regions` and `rules.residency` leave. Raises Problems for a word nobody knows."""
    wanted, rules = system.rules.residency, system.rules
    names = {region.name for region in regions}
    unknown = [name for name in rules.regions if name not in names]
    if unknown:
        place = system.where("rules.regions")
        raise Problems([Problem(f"no region {quoted(name)}", "", did_you_mean(name, names), place) for name in unknown])
    inside = {
        "any": lambda region: True,
        "eu": lambda region: region.eu,
        "eea": lambda region: region.eea,
    }.get(wanted.lower(), lambda region: wanted.upper() == region.country or wanted.lower() == region.continent.lower())
    found = [region for region in regions if inside(region) and (not rules.regions or region.name in rules.regions)]
    if not found:
        known = {"any", "EU", "EEA"} | {region.country for region in regions} | {region.continent for region in regions}
        why = "no region of the candidate clouds is inside, or `regions` names only others"
        place = system.where("rules.residency")
        raise Problems(
            [Problem(f"residency {quoted(wanted)} leaves no region", why, did_you_mean(wanted, known), place)]
        )
    return found


def decide(question: Question, *, budget: bool = True) -> Solution | None:
    """The cheapest solution; None when it is proven that there is none. Raises CannotTell when time ran out first."""
    limit = question.system.promises.cost.budget
    most = limit if budget and limit is not None else np.inf
    try:
        return solve(question.groups(), question.requirements(), most=most, seconds=SECONDS)
    except Undecided as undecided:
        why = f"{undecided} after {SECONDS:g} s; whether a plan exists is unknown"
        fix = "allow fewer regions with rules.regions, and plan again"
        problem = Problem("the solver could not finish", why, fix, question.system.where("rules"))
        raise CannotTell(problem) from undecided
