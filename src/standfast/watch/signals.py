"""Signals: what to measure and when it is wrong, before any monitoring product.

An objective is a share of good requests over 30 days. It is judged by burn rate: how many times faster than
allowed its error budget is being spent. The windows are those of Google's Site Reliability Workbook, chapter 5
"Alerting on SLOs", table 5-8 (2018): a long window so that an alert means something, a short one so that it
ends soon after the trouble does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from standfast.plan import Plan
from standfast.problem import Place

Severity = Literal["page", "ticket"]
PERIOD_DAYS = 30  # an objective's month; the burn rates below belong to it


@dataclass(frozen=True)
class BurnWindow:
    """Alert when the budget burns `rate` times too fast over both windows (seconds). `spent`: share then gone."""

    rate: float
    long: int
    short: int
    severity: Severity
    spent: float


HOUR = 3600
BURN_WINDOWS = (
    BurnWindow(14.4, 1 * HOUR, 300, "page", 0.02),
    BurnWindow(6.0, 6 * HOUR, 1800, "page", 0.05),
    BurnWindow(1.0, 72 * HOUR, 6 * HOUR, "ticket", 0.10),
)


@dataclass(frozen=True)
class Objective:
    """A share of good requests that is promised. `slower_than`: seconds after which a request counts as bad.

    None: a request is bad when it fails (HTTP 5xx). `services` are those that users reach.
    """

    name: str  # "availability", "p95"
    target: float  # fraction of requests that must be good
    slower_than: float | None
    services: tuple[str, ...]
    measure: str  # the promise it watches, e.g. "performance.p95"
    place: Place
    means: str  # one sentence for the person who is woken up


@dataclass(frozen=True)
class Signal:
    """One condition apart from objectives: a value above its threshold for a while."""

    name: str
    component: str
    kind: Literal["down", "load"]
    threshold: float
    hold: int  # seconds the condition must last
    severity: Severity
    measure: str
    place: Place
    means: str


@dataclass(frozen=True)
class Signals:
    objectives: tuple[Objective, ...]
    conditions: tuple[Signal, ...]


def signals_of(plan: Plan) -> Signals:
    """Every signal that the promises of a plan ask for. Pure."""
    system, wanted = plan.system, plan.system.promises
    public = tuple(service.name for service in system.services if service.public)
    objectives = [
        Objective(
            "availability",
            wanted.reliability.availability,
            None,
            public,
            "reliability.availability",
            system.where("reliability.availability"),
            f"requests fail: {wanted.reliability.availability * 100:g}% of them must succeed",
        )
    ]
    for name, seconds in sorted(wanted.performance.percentiles.items()):
        share = int(name[1:]) / 100
        place = system.where(f"performance.{name}")
        means = f"requests are slow: {share:.0%} of them must be answered within {seconds * 1000:g} ms"
        objectives.append(Objective(name, share, seconds, public, f"performance.{name}", place, means))
    conditions = []
    for choice in plan.choices:
        if choice.kind != "server":
            continue
        means = f"fewer than {choice.count} instances of {choice.component} answer"
        conditions.append(
            Signal("instances", choice.component, "down", choice.count, 300, "ticket", "reliability.rto.instance",
                   choice.place, means)
        )  # fmt: skip
    peak = next((row for row in plan.promises if row.measure == "scalability.peak"), None)
    if peak is not None:
        means = f"the load is above 80% of the {peak.declared:,.0f} requests/s that were planned for: plan again"
        conditions.append(
            Signal("load", system.name, "load", 0.8 * peak.declared, 900, "ticket", peak.measure, peak.place, means)
        )
    return Signals(tuple(objectives), tuple(conditions))
