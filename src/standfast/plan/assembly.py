"""From a solution to the plan: choices with their bills, predictions, every assumption they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from standfast.plan import cost
from standfast.plan.choice.options import Row
from standfast.plan.choice.tables import Solution
from standfast.plan.model import Choice, Plan, Prices
from standfast.plan.models import availability, latency, load, recovery
from standfast.plan.models.availability import regional
from standfast.plan.models.recovery import Held
from standfast.plan.predict import Standing, predict
from standfast.plan.question import Place, Question
from standfast.promise import Promise
from standfast.spec.model import DATABASES, Assumption


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
    found = [*system.assumptions, *load.assumed(system), *latency.assumed(system), *availability.assumed(system)]
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
