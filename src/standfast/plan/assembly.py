"""From a solution to the plan: choices with their bills, predictions, every assumption they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from standfast.clouds import own
from standfast.plan import cost, standby
from standfast.plan.choice.tables import Solution
from standfast.plan.model import Choice, Elsewhere, Plan, Prices
from standfast.plan.models import availability, latency, load, recovery
from standfast.plan.options import cluster
from standfast.plan.options import own as own_parts
from standfast.plan.options.model import Row
from standfast.plan.options.recovering import backup_hours
from standfast.plan.options.service import assumed as shape_assumed
from standfast.plan.place import Place, Standby
from standfast.plan.predict import Standing, predict
from standfast.plan.question import Question
from standfast.plan.retention import beyond, copies, longest, said
from standfast.promise import Promise
from standfast.spec.model import STORE_KINDS, Assumption


def assemble(question: Question, solution: Solution) -> Plan:
    """The plan of one solution: choices with their bills, predictions, assumptions."""
    system = question.system
    place = question.places[solution.group]
    rows = {
        name: one.row(at) for name, one, at in zip(question.names, question.options(place), solution.rows, strict=True)
    }
    choices = [_choice(question, name, row, place.shape) for name, row in rows.items()]
    choices += _own_parts(question, place, choices)
    standing = {name: row.standing for name, row in rows.items()}
    standing |= own_parts.standing(system, place)
    monthly = sum(choice.monthly.typical for choice in choices)
    promises = predict(system, standing, question.rtt[place.name], monthly, place.zones, 0, question.load)
    elsewhere = _elsewhere(question, place.standby, choices) if place.standby else None
    facts = place.catalog.facts()
    return Plan(
        system, place.cloud, place.region.name, place.zone_names, tuple(choices), tuple(map(_floats, promises)),
        tuple(_assumptions(question, standing, choices, place)),
        Prices(facts["oldest"], facts["newest"], _lock(question, place)), facts={"gap": solution.gap},
        shape=place.shape, standby=elsewhere, warnings=tuple(beyond(system, place.cloud)),
    )  # fmt: skip


def _elsewhere(question: Question, one: Standby, choices: Sequence[Choice]) -> Elsewhere:
    zones = standby.stands(one).zone_names
    there = standby.choices(question.system, question.load, one, choices)
    return Elsewhere(one.catalog.cloud, one.region.name, one.design, zones, there)


def _lock(question: Question, place: Place) -> str:
    """The hash of the prices of the place's cloud; with a standby on another cloud, of both."""
    clouds = {place.cloud, place.standby.catalog.cloud if place.standby else place.cloud}
    locks = [question.catalogs[cloud].facts()["lock"] for cloud in sorted(clouds)]
    return "+".join(locks)


def _floats(row: Promise) -> Promise:
    predicted = None if row.predicted is None else float(row.predicted)
    return replace(row, declared=float(row.declared), predicted=predicted)


KINDS = {"vm": "server", "container": "container", "kubernetes": "pod"}  # what a service runs on, by shape


def _choice(question: Question, name: str, row: Row, shape: str) -> Choice:
    part = question.system.component(name)
    kind = getattr(part, "kind", KINDS[shape])
    return Choice(
        name, kind, row.offer, row.count, row.zones, row.design, row.size, row.lines(), "", "", None, part.place
    )


def _own_parts(question: Question, place: Place, choices: Sequence[Choice]) -> list[Choice]:
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
        "cluster": ("rules.compute", "pods need a control plane and nodes to spare"),
        "standby": ("reliability.recovery.region", "a lost region comes back only elsewhere"),
    }
    for name, lines in question.shared(place).items():
        path, because = asked[name]
        count = place.zones if name == "network" else sum(one.what.split()[-1] == "balancer" for one in lines) or 1
        size: dict[str, str | int | float | bool] = {}
        if name == "backup":
            size = {"interval_hours": backup_hours(system), "retention_days": longest(system)}
            kept = copies(system)
            size |= {f"{period}_days": days for period, days in kept.items()} if said(system) else {}
        if name == "logs":
            size = {"retention_days": 90}
        zones = place.zones if name in ("balancer", "network", "cluster") else 0
        offer, design = place.catalog.product(name), "multi-zone" if zones > 1 else "regional"
        if name == "cluster":
            offer, size = place.catalog.product("kubernetes"), cluster.pool(place, choices)
        if name == "standby" and place.standby:
            one = place.standby
            offer, design = f"{one.design} in {one.catalog.cloud} {one.region.name}", one.design
        found.append(
            Choice(
                name, name, offer, count, zones, design, size, tuple(lines),
                because, "", None, system.where(path),
            )
        )  # fmt: skip
    return found


def _assumptions(
    question: Question, standing: Mapping[str, Standing], choices: Sequence[Choice], place: Place
) -> list[Assumption]:
    """Every number that nobody declared and that this plan rests on."""
    system = question.system
    kept = {name: one.held for name, one in standing.items() if one.held}
    needed = question.essential | {name for name, one in standing.items() if one.needed}
    found = [*system.assumptions, *load.assumed(system), *latency.assumed(system), *availability.assumed(system)]
    found += recovery.assumed(kept, needed, system.promises.reliability.recovery)
    items = {"server.single": None, "balancer": None}
    if place.shape == "container":
        items["container"] = None
    for choice in choices:
        if choice.component in question.essential and choice.kind in STORE_KINDS:
            design = "multi-az" if choice.design == "multi-az-standby" else choice.design
            items["objects" if choice.kind == "objects" else f"{choice.kind}.{design}"] = None
    for item in items:
        one = place.catalog.sla(item)
        ground = "no figure is published" if one.assumed else f"a refund promise, not a measurement: {one.source}"
        found.append(Assumption(f"SLA of {item}", f"{one.uptime:.3%}", ground))
    far = [c for c in system.promises.performance.users if not place.catalog.rtt(c, place.region.name)[1]]
    found += [Assumption(f"distance to users in {country}", "from geography", "no measurement") for country in far]
    estimated = sorted({line.what for choice in choices for line in choice.lines if line.estimated})
    if estimated:
        found.append(
            Assumption(
                "prices that are estimated", ", ".join(estimated), "scaled from elsewhere, or a typical discount"
            )
        )
    found += own.assumed(place.catalog, system.where("rules.commitment"))
    found += shape_assumed(place)
    if place.standby and place.standby.catalog.cloud != place.cloud:
        ground = "databases replicate by the engine's own (logical) replication"
        found.append(Assumption("standby on another cloud", "the same lag as between regions", ground))
    return [*found, *cost.assumed()]
