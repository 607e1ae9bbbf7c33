"""Conditions apart from objectives: what runs short, grows old, costs too much or is not told any more.

Thresholds come from the promises and the plan. Where the spec is silent they are ours, and marked as assumed in
`ASSUMED`: the README that a back end writes shows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from standfast.plan import Choice, Plan
from standfast.spec.model import DATABASES
from standfast.watch.probes import probes_of
from standfast.watch.signals import HOUR, Feed, Kind, Severity, Signal

DAY = 24 * HOUR
QUIET = 0.01  # of the declared average: less than this is no traffic
SERVED = ("postgres", "mysql", "redis")  # kinds of stores that have servers of their own
RUNS = ("server", "container", "pod")  # kinds of which a service is made
LEAST_AVERAGE = 1.0  # requests/s: a system with less has quiet minutes that mean nothing

# (kind of host or store, resource) -> (share used that is too much, severity, seconds it must last)
ASSUMED: dict[tuple[str, str], tuple[float, Severity, int]] = {
    ("server", "cpu"): (0.9, "ticket", 900),
    ("server", "memory"): (0.9, "ticket", 900),
    ("server", "disk"): (0.85, "ticket", 900),
    ("server", "waiting"): (0.25, "ticket", 900),
    ("postgres", "cpu"): (0.9, "ticket", 900),
    ("postgres", "memory"): (0.95, "ticket", 900),
    ("postgres", "storage"): (0.85, "page", 900),
    ("postgres", "connections"): (0.8, "ticket", 600),
    ("mysql", "cpu"): (0.9, "ticket", 900),
    ("mysql", "memory"): (0.95, "ticket", 900),
    ("mysql", "storage"): (0.85, "page", 900),
    ("mysql", "connections"): (0.8, "ticket", 600),
    ("redis", "cpu"): (0.9, "ticket", 900),
    ("redis", "memory"): (0.85, "ticket", 600),
    ("objects", "storage"): (1.0, "ticket", DAY),
}
MEANS = {
    "cpu": "its processors are busy more than {limit:.0%} of the time",
    "memory": "more than {limit:.0%} of its memory is taken",
    "disk": "a disk is more than {limit:.0%} full",
    "storage": "more than {limit:.0%} of its planned storage is taken",
    "connections": "more than {limit:.0%} of its connections are open",
    "waiting": "work waits for processors or disks more than {limit:.0%} of the time",
}
RESTORE_TEST_DAYS = 31  # assumed: a backup that was not restored for a month is a hope
CERTIFICATE_DAYS: dict[Severity, int] = {
    "ticket": 21,
    "page": 3,
}  # assumed: renewal is tried 30 days before, by every authority in use
CLOCK = 2.0  # seconds, assumed: how far a host's clock may be off. Less cannot be told by one scrape from another's
FEEDS: dict[Feed, str] = {
    "services": "the histogram of requests that services export",
    "hosts": "the exporter on each host",
    "stores": "the exporter of the cloud's own figures",
    "records": "the figures of `standfast status` and `standfast backup`",
    "endpoints": "the probes from outside",
}


def conditions_of(plan: Plan) -> tuple[Signal, ...]:
    """All of them, in the order: services, hosts, stores, backups, the edge, money, soundness, the feeds."""
    found = [
        *_services(plan),
        *_hosts(plan),
        *_stores(plan),
        *_backups(plan),
        *_edge(plan),
        *_outside(plan),
        *_kept(plan),
    ]
    fed: dict[Feed, set[tuple[str, ...]]] = {}
    for one in found:
        fed.setdefault(one.feed, set()).add((one.component, one.kind, one.resource))
    fed["services"] = {(one.name,) for one in plan.system.services}
    if "endpoints" in fed:
        fed["endpoints"] = {(one.service,) for one in probes_of(plan)}
    fed.pop("plan", None)
    silent = [_silent(plan, feed, len(figures)) for feed, figures in sorted(fed.items())]
    return tuple(replace(one, owner=plan.system.owner) for one in (*found, *silent))


def _services(plan: Plan) -> Iterator[Signal]:
    system = plan.system
    for choice in plan.choices:
        if choice.kind == "server":
            means = f"fewer than {choice.count} instances of {choice.component} answer"
            yield Signal("instances", choice.component, "down", choice.count, 300, "ticket",
                         "reliability.rto.instance", choice.place, means)  # fmt: skip
    peak = next((row for row in plan.promises if row.measure == "scalability.peak"), None)
    if peak is not None:
        means = f"the load is above 80% of the {peak.declared:,.0f} requests/s that were planned for: plan again"
        yield Signal("load", system.name, "load", 0.8 * peak.declared, 900, "ticket", peak.measure, peak.place, means)
    average = system.promises.scalability.average
    if average >= LEAST_AVERAGE:
        means = f"hardly a request arrives: fewer than {QUIET:.0%} of the {average:g} requests/s that are usual"
        place = system.where("scalability.average")
        yield Signal("traffic", system.name, "traffic", QUIET * average, 600, "page", "reliability.availability",
                     place, means)  # fmt: skip


def _hosts(plan: Plan) -> Iterator[Signal]:
    """Utilisation, saturation and errors of the servers of a service (Gregg's USE method)."""
    for choice in plan.choices:
        if choice.kind == "server":
            for resource in ("cpu", "memory", "disk", "waiting"):
                yield _short(choice, "host", resource, "hosts")
            means = f"{choice.component}: a disk cannot be read or packets are lost"
            yield Signal("errors", choice.component, "host", 0.0, 900, "ticket", "reliability.rto.instance",
                         choice.place, means, "errors", "hosts")  # fmt: skip
            means = f"{choice.component}: the clock of a host is off by more than {CLOCK:g} s"
            yield Signal("clock", choice.component, "host", CLOCK, 300, "ticket", "reliability.rto.instance",
                         choice.place, means, "clock", "hosts")  # fmt: skip


def _stores(plan: Plan) -> Iterator[Signal]:
    for choice in plan.choices:
        for kind, resource in ASSUMED:
            if kind == choice.kind and kind != "server":
                yield _short(choice, "saturation", resource, "stores")
        if choice.kind in SERVED:
            means = f"{choice.component}: fewer than {choice.count} of its servers are heard of"
            yield Signal("servers", choice.component, "gone", choice.count, 300, "ticket", "reliability.rto.instance",
                         choice.place, means, "servers", "stores")  # fmt: skip


def _short(choice: Choice, kind: Kind, resource: str, feed: Feed) -> Signal:
    limit, severity, hold = ASSUMED[choice.kind, resource]
    means = f"{choice.component}: {MEANS[resource].format(limit=limit)}"
    return Signal(resource, choice.component, kind, limit, hold, severity, "scalability.peak", choice.place, means,
                  resource, feed)  # fmt: skip


def _backups(plan: Plan) -> Iterator[Signal]:
    """Every store that is backed up. Its newest point to return to may be as old as the RPO of what destroys data."""
    promised = {one.measure: one for one in plan.promises}
    point = promised.get("reliability.rpo.corruption") or promised.get("reliability.rpo.region")
    backup = next((one for one in plan.choices if one.kind == "backup"), None)
    for choice in plan.choices:
        if choice.kind not in DATABASES:
            continue
        if point is not None:
            allowed, measure, place = point.declared, point.measure, point.place
        elif backup is None:
            continue
        else:
            allowed = 2 * HOUR * float(backup.size.get("interval_hours", 24))
            measure, place = "reliability.rpo.corruption", backup.place
        means = f"{choice.component}: a copy is damaged, or one can go back to no point newer than {_time(allowed)}"
        yield Signal("backup", choice.component, "backup", allowed, 300, "page", measure, place, means, "", "records")
        means = f"{choice.component}: no backup of it was restored for {RESTORE_TEST_DAYS} days, or the last one failed"
        yield Signal("restore-test", choice.component, "restore-test", RESTORE_TEST_DAYS * DAY, HOUR, "ticket",
                     "reliability.rto.corruption", choice.place, means, "", "records")  # fmt: skip


def _edge(plan: Plan) -> Iterator[Signal]:
    system = plan.system
    if not any(one.public for one in system.services):
        return
    place = system.where("reliability.availability")
    for severity, days in CERTIFICATE_DAYS.items():
        means = f"the certificate of the public address ends within {days} days"
        yield Signal(f"certificate-{severity}", system.name, "certificate", days * DAY, 300, severity,
                     "reliability.availability", place, means, "", "endpoints")  # fmt: skip


def _outside(plan: Plan) -> Iterator[Signal]:
    """What users meet, whatever the servers say: no answer at all, and answers that take too long on the way."""
    where = plan.system.where
    for probe in probes_of(plan):
        means = f"seen from outside, {probe.what} is not answered with {probe.status}"
        yield Signal("outside", probe.service, "outside", 1, 3 * probe.every, "page", "reliability.availability",
                     probe.place, means, "", "endpoints")  # fmt: skip
        for share, seconds in probe.limits[:1]:  # of sixty requests an hour, a hundredth says nothing
            name = f"p{share * 100:.0f}"
            measure = f"performance.{name}"
            means = f"seen from outside, {probe.what} takes longer than {seconds * 1000:g} ms more often than promised"
            yield Signal(f"outside-{name}", probe.service, "outside-slow", seconds, 900, "ticket", measure,
                         where(measure), means, name, "endpoints")  # fmt: skip


def _kept(plan: Plan) -> Iterator[Signal]:
    """Money, and whether what stands is what was planned and sound."""
    system = plan.system
    budget = next((one for one in plan.promises if one.measure == "cost.budget"), None)
    if budget is not None:
        means = f"what runs costs more than the {budget.declared:,.0f} USD a month that were allowed"
        yield Signal("cost", system.name, "cost", budget.declared, HOUR, "ticket", budget.measure, budget.place, means,
                     "", "plan")  # fmt: skip
    place = system.where("security")
    means = "what is deployed is not what was planned: somebody changed it by hand"
    yield Signal("drift", system.name, "drift", 0, HOUR, "ticket", "security.checks", place, means, "", "records")
    means = "checks of the audit fail that must not"
    allowed = next((one.declared for one in plan.promises if one.measure == "security.checks"), 0.0)
    yield Signal("audit", system.name, "audit", allowed, HOUR, "ticket", "security.checks", place, means, "", "records")


def cost_parts(plan: Plan) -> tuple[float, dict[str, float]]:
    """USD a month of what was planned and does not grow with the load, and of each instance of what does, by name."""
    grows = [one for one in plan.choices if one.kind in RUNS and one.count and one.monthly.typical]
    fixed = plan.monthly.typical - sum(one.monthly.typical for one in grows)
    return fixed, {
        one.component: one.monthly.typical / one.count for one in sorted(grows, key=lambda one: one.component)
    }


def _silent(plan: Plan, feed: Feed, figures: int) -> Signal:
    """Fewer figures of a feed arrive than signals need: one that lacks its own keeps quiet whatever happens."""
    means = f"too few figures come from {FEEDS[feed]}: something is watched by nobody"
    place = plan.system.place
    return Signal(f"feed-{feed}", feed, "feed", figures, 1800, "ticket", "reliability.availability", place, means,
                  "", feed)  # fmt: skip


def _time(seconds: float) -> str:
    for size, unit in ((DAY, "days"), (HOUR, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
