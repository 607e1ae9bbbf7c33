"""How soon somebody is told what is wrong, and that it is over: worked out from the signals before anything happens.

An alert comes when its rule has seen enough of the damage, and then when those who carry the news have passed it on.
The first is the signal's own: the time a condition must last, or what a budget may lose before it burns too fast. The
second is the pace of the monitoring: how often it takes figures, looks at its rules, and tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from standfast.plan import Plan
from standfast.watch.prometheus.objectives import window_name
from standfast.watch.prometheus.rules import ALERTS, told
from standfast.watch.signals import Severity, Signal, Signals

MEAN = 300  # seconds that a figure is a mean of, where it is one: it is all of what happens after that long


@dataclass(frozen=True)
class Alert:
    """`labels` tell it from others of its name. `holds`: seconds of damage until its rule says so, of which nothing
    works (`shared`: it takes longer where only a share fails); `clears`: seconds until it no longer does, once all is
    well."""

    name: str
    labels: Mapping[str, str]
    severity: Severity
    holds: float
    clears: float = 0.0
    shared: bool = False


@dataclass(frozen=True)
class Pace:
    """Seconds: between two figures (`sample`), between two looks at the rules (`evaluate`), until a new alert is passed
    on (`wait`), until a change is (`again`). `shorter`: how many times shorter than written the rules' own times are;
    `late`: what the machine may add."""

    sample: float
    evaluate: float
    wait: Mapping[Severity, float]
    again: float
    shorter: float = 1.0
    late: float = 0.0

    def fires(self, alert: Alert, share: float = 1.0) -> float:
        """Seconds from the damage, in which this share of requests fails, until somebody has been told."""
        holds = alert.holds / self.shorter / (share if alert.shared else 1.0)
        looks = self.evaluate if alert.shared or not holds else 2 * self.evaluate  # `for` ends at a look
        return self.sample + looks + holds + self.wait[alert.severity] + self.late

    def ends(self, alert: Alert) -> float:
        """Seconds from the moment all is well until somebody has been told."""
        return self.sample + self.evaluate + alert.clears / self.shorter + self.again + self.late


@dataclass(frozen=True)
class Alerting:
    """What a world tells, and how fast."""

    alerts: tuple[Alert, ...]
    pace: Pace


def alerts_of(plan: Plan, signals: Signals, where: str = "") -> tuple[Alert, ...]:
    """Every alert that can be promised for a time: all conditions, and what pages where a budget burns."""
    found = []
    for one in signals.objectives:
        for burn in one.windows:
            if burn.severity == "page":
                labels = {"objective": one.name, "window": window_name(burn.long)}
                holds = burn.rate * (1 - one.target) * burn.long
                found.append(Alert("ErrorBudgetBurn", labels, burn.severity, holds, burn.short, shared=True))
    for one in told(plan, signals, where).conditions:
        labels = {"component": one.component, **({"resource": one.resource} if one.resource else {})}
        found.append(Alert(ALERTS[one.kind], labels, one.severity, one.hold + _lags(one), _lags(one)))
    return tuple(found)


def _lags(one: Signal) -> int:
    return MEAN if one.kind in ("load", "traffic") or one.resource in ("cpu", "waiting", "errors") else 0
