"""Signals: what to measure and when it is wrong, before any monitoring product.

An objective is a share of good requests over 30 days. It is judged by burn rate: how many times faster than
allowed its error budget is being spent. The windows are those of Google's Site Reliability Workbook (2018), chapter 5
"Alerting on SLOs", the rules of its sixth way "multiwindow, multi-burn-rate alerts": a long window so that an alert
means something, a short one so that it ends soon after the trouble does.

Promises are watched at the edge, and page. Each service that a request cannot do without has an objective of its own,
which writes tickets: what it may lose before it alone has spent the budget of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from standfast.plan import Plan
from standfast.plan.models.load import loads
from standfast.problem import Place
from standfast.watch.links import runbook

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
    BurnWindow(3.0, 24 * HOUR, 2 * HOUR, "ticket", 0.10),
    BurnWindow(1.0, 72 * HOUR, 6 * HOUR, "ticket", 0.10),
)


@dataclass(frozen=True)
class Objective:
    """A share of good requests that is promised. `slower_than`: seconds after which a request counts as bad.

    None: a request is bad when it fails (HTTP 5xx). `services` are those that are counted.
    """

    name: str  # "availability", "p95"; of one service "service-api"
    target: float  # fraction of requests that must be good
    slower_than: float | None
    services: tuple[str, ...]
    measure: str  # the promise it watches, e.g. "performance.p95"
    place: Place
    means: str  # one sentence for the person who is woken up
    owner: str = ""

    @property
    def runbook(self) -> str:
        """The page of docs/runbooks that says what to do."""
        return runbook(self.measure)

    @property
    def windows(self) -> tuple[BurnWindow, ...]:
        """The windows that can ever tell: a budget burns at most 1 / (1 - target) times too fast."""
        return tuple(one for one in BURN_WINDOWS if one.rate * (1 - self.target) < 1)


Kind = Literal[
    "down", "load", "traffic", "host", "saturation", "gone", "backup", "restore-test", "certificate", "outside",
    "outside-slow", "cost", "drift", "audit", "feed",
]  # fmt: skip
Feed = Literal["services", "hosts", "stores", "records", "endpoints", "plan"]  # what brings the figures


@dataclass(frozen=True)
class Signal:
    """One condition apart from objectives: a value on the wrong side of its threshold for a while.

    `resource`: what runs short (`storage`, `memory`, `cpu` ...), for the kinds "host" and "saturation"; "servers" for
    "gone"; the percentile ("p95") for "outside-slow".
    `feed`: what brings the figures; "plan": the plan's own numbers over what the services' feed tells.
    """

    name: str
    component: str
    kind: Kind
    threshold: float
    hold: int  # seconds the condition must last
    severity: Severity
    measure: str
    place: Place
    means: str
    resource: str = ""
    feed: Feed = "services"
    owner: str = ""

    @property
    def runbook(self) -> str:
        """The page of docs/runbooks that says what to do."""
        return runbook(self.measure)


@dataclass(frozen=True)
class Part:
    """A service's own objective, and how often a user's request visits it, on average."""

    objective: Objective
    visits: float


@dataclass(frozen=True)
class Signals:
    """`objectives` watch promises; `parts` the services behind them."""

    objectives: tuple[Objective, ...]
    conditions: tuple[Signal, ...]
    parts: tuple[Part, ...] = ()

    def fed_by(self, *feeds: str) -> Signals:
        """These alone: where a feed is not there, as in a lab, its alerts would only say that."""
        kept = tuple(one for one in self.conditions if (one.component if one.kind == "feed" else one.feed) in feeds)
        return replace(self, conditions=kept)


def signals_of(plan: Plan) -> Signals:
    """Every signal that the promises of a plan ask for. Pure."""
    from standfast.watch.conditions import conditions_of

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
            system.owner,
        )
    ]
    for name, seconds in sorted(wanted.performance.percentiles.items()):
        share = int(name[1:]) / 100
        place = system.where(f"performance.{name}")
        means = f"requests are slow: {share:.0%} of them must be answered within {seconds * 1000:g} ms"
        measure = f"performance.{name}"
        objectives.append(Objective(name, share, seconds, public, measure, place, means, system.owner))
    return Signals(tuple(objectives), conditions_of(plan), _parts(plan))


def _parts(plan: Plan) -> tuple[Part, ...]:
    """The services without which a request fails. One that is visited v times by each request spends the budget of
    the whole when it loses (1 - target) / v of what it is asked."""
    system = plan.system
    wanted = system.promises.reliability.availability
    load, entering = loads(system), sum(one.traffic for one in system.services)
    whole = system.promises.scalability.at_horizon(system.promises.scalability.peak) * entering
    parts = []
    for service in sorted(system.services, key=lambda one: one.name):
        visits = load[service.name].peak / whole if whole > 0 else 0.0
        if service.name not in system.essential or visits <= 0 or (1 - wanted) / visits >= 1:
            continue
        target = 1 - (1 - wanted) / visits
        means = (
            f"{service.name} fails so often that it alone spends the whole budget of availability: "
            f"each request visits it {visits:.3g} times"
        )
        of = Objective(
            f"service-{service.name}", target, None, (service.name,), "reliability.availability", service.place, means,
            system.owner,
        )  # fmt: skip
        parts.append(Part(of, visits))
    return tuple(parts)
