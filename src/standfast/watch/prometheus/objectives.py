"""Objectives in PromQL: what is recorded of each, and its burn alerts.

Three ways to get one ratio, each where it is cheap and true. Windows up to an hour are read from the raw counters, so
that a page comes at the minute it is due. Longer ones average two recorded rates (`sum_over_time` of equally spaced
samples of `standfast:requests:rate5m` and `standfast:errors:rate5m`), which costs a fraction of a `rate` over days of
every instance's counters. And what only tickets ask for is looked at every two minutes, not twice in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from standfast.plan import Plan
from standfast.watch.links import of_objective
from standfast.watch.prometheus.annotations import labelled
from standfast.watch.signals import HOUR, BurnWindow, Objective, Part, Severity

HISTOGRAM = "http_server_request_duration_seconds"
INTERVAL = 30  # seconds between evaluations
SLOW_INTERVAL = 120  # of what writes tickets only
LEAST_RATE = 0.02  # requests/s below which a ratio says nothing: about one request a minute
RAW = HOUR  # windows up to here are read from the counters themselves

Rule = dict[str, Any]


def objective_groups(
    plan: Plan, objective: Objective, severities: Sequence[Severity] = ("page", "ticket")
) -> list[Rule]:
    """The groups of one objective: what pages, and what writes tickets, with the windows that each needs."""
    system = plan.system.name
    burns = [one for one in objective.windows if one.severity in severities]
    fast = sorted({window for one in burns if one.severity == "page" for window in (one.long, one.short)})
    fast = fast or [RAW]  # what the whole is put together from
    slow = sorted({window for one in burns if one.severity == "ticket" for window in (one.long, one.short)} - {*fast})
    alerts = {one: [_burn_alert(plan, objective, burn) for burn in burns if burn.severity == one] for one in severities}
    first = [*_rates(system, objective), *(_ratio(system, objective, one) for one in fast)]
    groups = [
        (f"{system}-{objective.name}", INTERVAL, [*first, *alerts.get("page", ()), not_measured(plan, objective)]),
        (
            f"{system}-{objective.name}-slow",
            SLOW_INTERVAL,
            [*(_ratio(system, objective, one) for one in slow), *alerts.get("ticket", ())],
        ),
    ]
    return [{"name": name, "interval": f"{every}s", "rules": rules} for name, every, rules in groups if rules]


def composite(plan: Plan, parts: Sequence[Part]) -> Rule | None:
    """One rule: the error ratio of the whole as it follows from its parts, over an hour.

    A request succeeds when every visit to every part does: 1 - product of (1 - e)^visits. What a caller hands on of
    its callee's failures is counted at both, so this is an upper bound; nothing is told while one part tells nothing.
    """
    if not parts:
        return None
    system = plan.system.name
    good = " * ".join(
        f"(1 - sum(standfast:error_ratio:1h{named(system, one.objective)}))"
        + (f" ^ {one.visits:.6g}" if abs(one.visits - 1) > 1e-9 else "")
        for one in parts
    )
    return {"record": "standfast:composite_error_ratio:1h", "expr": f"1 - {good}", "labels": {"system": system}}


def selector(system: str, objective: Objective) -> str:
    """The label selector of the services that count. Names come from the spec reader: letters, digits, hyphens."""
    return f'system="{system}",service=~"{"|".join(objective.services)}"'


def named(system: str, objective: Objective) -> str:
    return f'{{system="{system}",objective="{objective.name}"}}'


def window_name(seconds: int) -> str:
    """`300` -> `5m`, `3600` -> `1h`, `259200` -> `3d`, as Prometheus writes durations."""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _bad_and_all(system: str, objective: Objective, window: str) -> tuple[str, str]:
    """Rates of bad and of all requests over a window, from the counters."""
    chosen = selector(system, objective)
    total = f"sum(rate({HISTOGRAM}_count{{{chosen}}}[{window}]))"
    if objective.slower_than is None:
        failed = f'sum(rate({HISTOGRAM}_count{{{chosen},http_response_status_code=~"5.."}}[{window}]))'
        return f"({failed} or 0 * {total})", total  # no 5xx series yet: zero errors, not no data
    good = f'sum(rate({HISTOGRAM}_bucket{{{chosen},le="{objective.slower_than:g}"}}[{window}]))'
    return f"({total} - {good})", total


def _rates(system: str, objective: Objective) -> list[Rule]:
    bad, total = _bad_and_all(system, objective, "5m")
    labels = {"system": system, "objective": objective.name}
    return [
        {"record": "standfast:requests:rate5m", "expr": total, "labels": labels},
        {"record": "standfast:errors:rate5m", "expr": bad, "labels": labels},
    ]


def _ratio(system: str, objective: Objective, window: int) -> Rule:
    name, of = window_name(window), named(system, objective)
    if window == 300:
        expr = f"standfast:errors:rate5m{of} / standfast:requests:rate5m{of}"
    elif window <= RAW:
        expr = "{} / {}".format(*_bad_and_all(system, objective, name))
    else:
        expr = (
            f"sum_over_time(standfast:errors:rate5m{of}[{name}]) / sum_over_time(standfast:requests:rate5m{of}[{name}])"
        )
    labels = {"system": system, "objective": objective.name}
    return {"record": f"standfast:error_ratio:{name}", "expr": expr, "labels": labels}


def _burn_alert(plan: Plan, objective: Objective, burn: BurnWindow) -> Rule:
    of = named(plan.system.name, objective)
    limit = f"{burn.rate * (1 - objective.target):.10g}"
    long, short = window_name(burn.long), window_name(burn.short)
    expr = (
        f"standfast:error_ratio:{long}{of} > {limit}\n"
        f"and standfast:error_ratio:{short}{of} > {limit}\n"
        f"and standfast:requests:rate5m{of} > {LEAST_RATE}"
    )
    summary = f"{plan.system.name}: {objective.means}"
    description = (
        f"{burn.spent:.0%} of the 30-day error budget is gone: it burns {burn.rate:g} times too fast "
        f"over {long} and over {short}. Error ratio now: {{{{ $value | humanizePercentage }}}}."
    )
    labels = {"objective": objective.name, "window": long}
    seen = of_objective(objective.name, "burn", objective.measure)
    said = labelled(plan, burn.severity, objective.measure, objective.place, summary, description, labels, seen)
    return {"alert": "ErrorBudgetBurn", "expr": expr, **said}


def not_measured(plan: Plan, objective: Objective) -> Rule:
    """Its series are missing: silence is never taken for good news."""
    chosen = selector(plan.system.name, objective)
    if objective.slower_than is None:
        expr = f"absent({HISTOGRAM}_count{{{chosen}}})"
    else:
        expr = f'absent({HISTOGRAM}_bucket{{{chosen},le="{objective.slower_than:g}"}})'
    summary = f"{plan.system.name}: the objective {objective.name} is not measured"
    description = f"The series it needs are missing, so nobody knows whether it is kept: {objective.means}."
    seen = of_objective(objective.name, "requests", objective.measure)
    labels = {"objective": objective.name}
    said = labelled(plan, "ticket", objective.measure, objective.place, summary, description, labels, seen)
    return {"alert": "ObjectiveNotMeasured", "expr": expr, "for": "10m", **said}
