"""Recording and alerting rules in PromQL.

Per objective two rates are recorded every 30 s, `standfast:requests:rate5m` and `standfast:errors:rate5m`, and
from them one error ratio per window. Long windows average the recorded rates (`sum_over_time` of equally spaced
samples), which costs a fraction of a `rate` over days of raw series and gives the same ratio.
"""

from __future__ import annotations

from typing import Any

from standfast.plan import Plan
from standfast.problem import Place
from standfast.watch.links import WATCHDOG, Link, of_condition, of_objective, panel_id, uid
from standfast.watch.signals import BURN_WINDOWS, BurnWindow, Objective, Signal, Signals

HISTOGRAM = "http_server_request_duration_seconds"
INTERVAL = 30  # seconds between evaluations
LEAST_RATE = 0.02  # requests/s below which a ratio says nothing: about one request a minute
WINDOWS = sorted({window for burn in BURN_WINDOWS for window in (burn.long, burn.short)})


def rules(plan: Plan, signals: Signals) -> dict[str, Any]:
    """The whole rule file as plain data."""
    system = plan.system.name
    groups = [
        {
            "name": f"{system}-{objective.name}",
            "interval": f"{INTERVAL}s",
            "rules": [*_recorded(system, objective), *_burn_alerts(plan, objective), _not_measured(plan, objective)],
        }
        for objective in signals.objectives
    ]
    conditions = [_condition(plan, signal) for signal in signals.conditions]
    groups.append({"name": f"{system}-conditions", "interval": f"{INTERVAL}s", "rules": [*conditions, _watchdog(plan)]})
    return {"groups": groups}


def selector(system: str, objective: Objective) -> str:
    """The label selector of the services users reach. Names come from the spec reader: letters, digits, hyphens."""
    return f'system="{system}",service=~"{"|".join(objective.services)}"'


def window_name(seconds: int) -> str:
    """`300` -> `5m`, `3600` -> `1h`, `259200` -> `3d`, as Prometheus writes durations."""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _recorded(system: str, objective: Objective) -> list[dict[str, Any]]:
    chosen, labels = selector(system, objective), {"system": system, "objective": objective.name}
    total = f"sum(rate({HISTOGRAM}_count{{{chosen}}}[5m]))"
    if objective.slower_than is None:
        failed = f'sum(rate({HISTOGRAM}_count{{{chosen},http_response_status_code=~"5.."}}[5m]))'
        bad = f"({failed} or 0 * {total})"  # no 5xx series yet: zero errors, not no data
    else:
        good = f'sum(rate({HISTOGRAM}_bucket{{{chosen},le="{objective.slower_than:g}"}}[5m]))'
        bad = f"{total} - {good}"
    named = f'{{system="{system}",objective="{objective.name}"}}'
    recorded = [
        {"record": "standfast:requests:rate5m", "expr": total, "labels": labels},
        {"record": "standfast:errors:rate5m", "expr": bad, "labels": labels},
    ]
    for window in WINDOWS:
        name = window_name(window)
        if window == 300:
            expr = f"standfast:errors:rate5m{named} / standfast:requests:rate5m{named}"
        else:
            errors = f"sum_over_time(standfast:errors:rate5m{named}[{name}])"
            expr = f"{errors} / sum_over_time(standfast:requests:rate5m{named}[{name}])"
        recorded.append({"record": f"standfast:error_ratio:{name}", "expr": expr, "labels": labels})
    return recorded


def _burn_alerts(plan: Plan, objective: Objective) -> list[dict[str, Any]]:
    return [_burn_alert(plan, objective, burn) for burn in BURN_WINDOWS]


def _burn_alert(plan: Plan, objective: Objective, burn: BurnWindow) -> dict[str, Any]:
    named = f'{{system="{plan.system.name}",objective="{objective.name}"}}'
    limit = f"{burn.rate * (1 - objective.target):.10g}"
    long, short = window_name(burn.long), window_name(burn.short)
    expr = (
        f"standfast:error_ratio:{long}{named} > {limit}\n"
        f"and standfast:error_ratio:{short}{named} > {limit}\n"
        f"and standfast:requests:rate5m{named} > {LEAST_RATE}"
    )
    summary = f"{plan.system.name}: {objective.means}"
    description = (
        f"{burn.spent:.0%} of the 30-day error budget is gone: it burns {burn.rate:g} times too fast "
        f"over {long} and over {short}. Error ratio now: {{{{ $value | humanizePercentage }}}}."
    )
    alert = {"alert": "ErrorBudgetBurn", "expr": expr}
    labels = {"objective": objective.name, "window": long}
    seen = of_objective(objective.name, "burn", objective.measure)
    said = _labelled(plan, burn.severity, objective.measure, objective.place, summary, description, labels, seen)
    return {**alert, **said}


def _not_measured(plan: Plan, objective: Objective) -> dict[str, Any]:
    chosen = selector(plan.system.name, objective)
    if objective.slower_than is None:
        expr = f"absent({HISTOGRAM}_count{{{chosen}}})"
    else:
        expr = f'absent({HISTOGRAM}_bucket{{{chosen},le="{objective.slower_than:g}"}})'
    summary = f"{plan.system.name}: the objective {objective.name} is not measured"
    description = f"The series it needs are missing, so nobody knows whether it is kept: {objective.means}."
    alert = {"alert": "ObjectiveNotMeasured", "expr": expr, "for": "10m"}
    labels = {"objective": objective.name}
    seen = of_objective(objective.name, "requests", objective.measure)
    said = _labelled(plan, "ticket", objective.measure, objective.place, summary, description, labels, seen)
    return {**alert, **said}


def _condition(plan: Plan, signal: Signal) -> dict[str, Any]:
    system = plan.system.name
    if signal.kind == "down":
        # count() of nothing is nothing, so the last instance's loss is caught by `or`
        up = f'up{{system="{system}",service="{signal.component}"}}'
        expr = f"(sum({up}) or vector(0)) < {signal.threshold:g}"
        name = "InstancesMissing"
    else:
        named = f'{{system="{system}",objective="availability"}}'
        expr = f"standfast:requests:rate5m{named} > {signal.threshold:g}"
        name = "LoadNearPlan"
    summary = f"{system}: {signal.means}"
    labels = {"component": signal.component}
    hold = {"alert": name, "expr": expr, "for": window_name(signal.hold)}
    value = "Value now: {{ $value | humanize }}."
    seen = of_condition(signal.kind, signal.component, signal.measure)
    return {**hold, **_labelled(plan, signal.severity, signal.measure, signal.place, summary, value, labels, seen)}


def _watchdog(plan: Plan) -> dict[str, Any]:
    """Always firing: whoever receives alerts can tell that the whole chain works."""
    text = "Always firing. If it stops arriving, alerting itself is broken."
    alert = {"alert": "Watchdog", "expr": "vector(1)"}
    return {**alert, **_labelled(plan, "none", "", plan.system.place, text, text, {}, WATCHDOG)}


def _labelled(
    plan: Plan,
    severity: str,
    measure: str,
    place: Place,
    summary: str,
    description: str,
    labels: dict[str, str],
    seen: Link,
) -> dict[str, Any]:
    """`seen`: its panel, as a path for people and as the pair that Grafana's own list of alerts reads."""
    system = plan.system.name
    annotations = {"summary": summary, "description": description, "spec": literal(place.short)}
    if plan.system.owner:
        annotations["owner"] = literal(plan.system.owner)
    annotations["runbook"] = f"docs/runbooks/{seen.runbook}"
    annotations["dashboard"] = seen.path(system)
    annotations["__dashboardUid__"] = uid(system, seen.board)
    annotations["__panelId__"] = str(panel_id(seen.panel))
    promise = {"promise": measure} if measure else {}
    return {
        "labels": {"severity": severity, "system": system, **labels, **promise},
        "annotations": annotations,
    }


def literal(text: str) -> str:
    """User text inside an annotation, where Prometheus would read `{{` as the start of a template."""
    return text.replace("{{", '{{ "{{" }}')
