"""make_plan: options of every component in every allowed place, the exact choice, and the plan it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from standfast.clouds import Catalog, Region, load_catalog
from standfast.plan import availability, cost, latency, recovery
from standfast.plan import load as load_model
from standfast.plan.availability import essential_parts, regional
from standfast.plan.choice.options import Options, Row, of_component
from standfast.plan.choice.solve import Undecided, solve
from standfast.plan.choice.tables import Group, Point, Requirement, Solution
from standfast.plan.latency import Serving
from standfast.plan.model import Choice, CostLine, Plan, PriceOfPromise, Prices
from standfast.plan.predict import Standing, predict
from standfast.plan.recovery import Held
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.promise import Promise
from standfast.spec.model import DATABASES, Assumption, Service, System

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
        self.essential = essential_parts(system)
        self.places = [
            Place(region, zones)
            for region in allowed(system, catalog.regions())
            for zones in range(1, min(MOST_ZONES, max(1, region.zones)) + 1)
        ]
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
        return [
            Group(place.name, tuple(one.table for one in self.options(place)), self.fixed(place))
            for place in self.places
        ]

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

    # -- requirements: value(group, facts) that must stay below a limit --------------------------------

    def requirements(self) -> list[Requirement]:
        wanted = self.system.promises
        found = [Requirement("availability", self._down, 1 - wanted.reliability.availability)]
        found += [
            Requirement(name, self._latency(name), limit) for name, limit in wanted.performance.percentiles.items()
        ]
        return found

    def _down(self, group: str, point: Point) -> float:
        place = self.place(group)
        parts = {"balancer": regional(self.catalog.sla("balancer").uptime)}
        for name, facts in zip(self.names, point, strict=True):
            if name in self.essential and (part := self.part(name, facts, place.zones)):
                parts[name] = part
        return 1 - availability.availability(parts, zones=place.zones)

    def part(self, name: str, facts: np.ndarray, zones: int):
        part = self.system.component(name)
        if isinstance(part, Service):
            count, needed = int(-facts[0]), int(facts[1])
            return availability.group(
                availability.spread(count, zones), needed, self.catalog.sla("server.single").uptime
            )
        if not len(facts):
            return regional(self.catalog.sla("objects").uptime)
        design = "single" if facts[0] else ("replicated" if part.kind == "redis" else "multi-az")
        return regional(self.catalog.sla(f"{part.kind}.{design}").uptime)

    def _latency(self, name: str):
        def value(group: str, point: Point) -> float:
            serving = {
                part: Serving(-facts[0] * -facts[2], -facts[1], int(-facts[2])) if len(facts) == 3
                else Serving(-facts[0], -facts[1], 1) if len(facts) == 2 else Serving()
                for part, facts in zip(self.names, point, strict=True)
            }  # fmt: skip
            rtt = self.rtt[self.place(group).region.name]
            return latency.percentiles(self.system, serving, rtt, (name,), self.load)[name]

        return value


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


def decide(question: Question, *, budget: bool = True, hint: float = np.inf) -> Solution | None:
    limit = question.system.promises.cost.budget
    most = limit if budget and limit is not None else np.inf
    return solve(question.groups(), question.requirements(), most=most, hint=hint, seconds=SECONDS)


def make_plan(
    system: System,
    catalog: Catalog | None = None,
    *,
    margins: bool = False,
    step: Callable[[str], None] = lambda text: None,
) -> Plan:
    """The cheapest plan that keeps every promise, with its reasons. `step` is told of what takes seconds.

    Raises Problems naming the smallest set of lines that cannot hold together when there is none.
    """
    from standfast.plan import conflict, reasons

    catalog = catalog or load_catalog(_cloud(system))
    question = Question(system, catalog)
    solution = decide(question)
    if solution is None:
        step("no plan keeps every promise; looking for the lines that conflict")
        raise Problems(conflict.explain(question))
    plan = assemble(question, solution)
    plan = replace(plan, choices=reasons.with_reasons(question, solution, plan))
    if margins:
        step("solving for what each promise costs")
        plan = replace(plan, margins=reasons.margins(question, plan))
    return plan


def margins_of(plan: Plan) -> tuple[PriceOfPromise, ...]:
    """What each promise of a plan costs, by solving again with each one notch tighter and looser."""
    from standfast.plan import reasons

    return reasons.margins(Question(plan.system, load_catalog(plan.cloud)), plan)


def _cloud(system: System) -> str:
    if "aws" in system.rules.clouds:
        return "aws"
    place = system.where("rules.clouds")
    names = ", ".join(system.rules.clouds)
    raise Problems(
        [Problem(f"no catalog yet for {names}", "only AWS can be planned today", "add aws to clouds", place)]
    )


def assemble(question: Question, solution: Solution) -> Plan:
    """The plan of one solution: choices with their bills, predictions, assumptions."""
    system, catalog = question.system, question.catalog
    place = question.places[solution.group]
    rows = {
        name: one.row(at) for name, one, at in zip(question.names, question.options(place), solution.rows, strict=True)
    }
    choices = [_choice(question, name, row, place) for name, row in rows.items()]
    choices += _own_parts(question, place)
    standing = {name: row.standing for name, row in rows.items()}
    standing["balancer"] = Standing(
        part=regional(catalog.sla("balancer").uptime), held=Held("balancer", "multi-zone"), needed=True
    )
    monthly = sum(choice.monthly.typical for choice in choices)
    promises = predict(system, standing, question.rtt[place.region.name], monthly, place.zones, 0, question.load)
    facts = catalog.facts()
    zones = tuple(f"{place.region.name}{letter}" for letter in "abcdef"[: place.zones])
    return Plan(
        system, catalog.cloud, place.region.name, zones, tuple(choices), tuple(map(_floats, promises)),
        tuple(_assumptions(question, standing, choices, place)),
        Prices(facts["oldest"], facts["newest"], facts["lock"]),
    )  # fmt: skip


def _floats(row: Promise) -> Promise:
    predicted = None if row.predicted is None else float(row.predicted)
    return replace(row, declared=float(row.declared), predicted=predicted)


def _choice(question: Question, name: str, row: Row, place: Place) -> Choice:
    part = question.system.component(name)
    kind = getattr(part, "kind", "server")
    zones = min(row.count, place.zones) if kind in ("server", "redis") else 2 if "standby" in row.design else 1
    zones = place.zones if kind == "objects" else zones
    return Choice(name, kind, row.offer, row.count, zones, row.design, row.size, row.lines(), "", "", None, part.place)


OWN = {
    "balancer": "Application Load Balancer", "network": "NAT gateway", "cdn": "CloudFront", "waf": "AWS WAF",
    "dns": "Route 53", "keys": "AWS KMS", "secrets": "Secrets Manager", "backup": "AWS Backup", "logs": "CloudWatch",
}  # fmt: skip


def _own_parts(question: Question, place: Place) -> list[Choice]:
    """The parts the spec does not name but what it names cannot stand without."""
    system, found = question.system, []
    asked = {
        "balancer": ("services", "users reach public services through it, and services each other"),
        "network": ("services", "private servers need a way out, in each zone"),
        "cdn": ("stores", "a store asks for a CDN"),
        "waf": ("security.exposure", "the system is reached from the internet"),
        "dns": ("services", "a name for users, and names inside"),
        "keys": ("security", "everything at rest is encrypted with keys of your own"),
        "secrets": ("security", "passwords stand nowhere else"),
        "backup": ("reliability.recovery", "restores need something to restore"),
        "logs": ("reliability", "what happened must be found out"),
    }
    for name, lines in question.shared(place).items():
        path, because = asked[name]
        count = place.zones if name == "network" else sum(one.what.split()[-1] == "balancer" for one in lines) or 1
        size: dict[str, str | int | float | bool] = {}
        if name == "backup":
            size = {"interval_hours": 24, "retention_days": cost.BACKUP_DAYS}
        if name == "logs":
            size = {"retention_days": 90}
        zones = place.zones if name in ("balancer", "network") else 0
        found.append(
            Choice(
                name, name, OWN[name], count, zones, "multi-zone" if zones > 1 else "regional", size, tuple(lines),
                because, "", None, system.where(path),
            )
        )  # fmt: skip
    return found


def _assumptions(
    question: Question, standing: Mapping[str, Standing], choices: Sequence[Choice], place: Place
) -> list[Assumption]:
    """Every number that nobody declared and that this plan rests on."""
    system = question.system
    held = {name: one.held for name, one in standing.items() if one.held}
    needed = question.essential | {name for name, one in standing.items() if one.needed}
    found = [*system.assumptions, *load_model.assumed(system), *latency.assumed(system), *availability.assumed(system)]
    found += recovery.assumed(held, needed, system.promises.reliability.recovery)
    databases = sorted({f"{store.kind}.multi-az" for store in system.stores if store.kind in DATABASES})
    for item in ("server.single", "balancer", *databases):
        sla = question.catalog.sla(item)
        found.append(
            Assumption(f"SLA of {item}", f"{sla.uptime:.3%}", f"a refund promise, not a measurement: {sla.source}")
        )
    far = [c for c in system.promises.performance.users if not question.catalog.rtt(c, place.region.name)[1]]
    found += [Assumption(f"distance to users in {country}", "from geography", "no measurement") for country in far]
    estimated = sorted({line.what for choice in choices for line in choice.lines if line.estimated})
    if estimated:
        found.append(Assumption("prices scaled from another region", ", ".join(estimated), "no price was found there"))
    return [*found, *cost.assumed()]


__all__ = ["Question", "Undecided", "allowed", "assemble", "decide", "make_plan"]
