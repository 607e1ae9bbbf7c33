"""Monitors: the alerts of objectives and conditions, as bodies of `POST /api/v1/monitor`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from standfast.plan import Plan
from standfast.problem import Place
from standfast.watch.datadog.figures import Figure, figure
from standfast.watch.datadog.objectives import fit
from standfast.watch.datadog.words import MAIL, number, plain, tags, total
from standfast.watch.links import runbook
from standfast.watch.signals import HOUR, BurnWindow, Objective, Severity, Signal, Signals

PRIORITY: dict[Severity, int] = {"page": 1, "ticket": 3}  # Datadog's 1 is the most urgent of five
REPEAT: dict[Severity, int] = {"page": 60, "ticket": 24 * 60}  # minutes until told again
SILENT = 600  # seconds without a series before somebody is told that nothing is measured
LEAST_WINDOW = 300  # seconds: integrations of clouds tell a figure each minute at best


def monitors(plan: Plan, signals: Signals) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each monitor with the name of its file. A service's own objective writes tickets alone."""
    for objective in signals.objectives:
        yield from _of_objective(plan, objective, ("page", "ticket"))
    for part in signals.parts:
        yield from _of_objective(plan, part.objective, ("ticket",))
    for signal in signals.conditions:
        if found := figure(plan, signal):
            yield f"{signal.component.lower()}-{signal.name}", _condition(plan, signal, found)


def _of_objective(plan: Plan, one: Objective, severities: Sequence[Severity]) -> Iterator[tuple[str, dict[str, Any]]]:
    for burn in fit(one).windows:
        if burn.severity in severities:
            yield f"{one.name}-burns-{window_name(burn.long)}", _burns(plan, one, burn)
    yield f"{one.name}-not-measured", _not_measured(plan, one)


def slo_mark(objective: Objective) -> str:
    """What stands for the id of an objective until Datadog has given one: `push.py` puts it in."""
    return f"${{slo:{objective.name}}}"


def window_name(seconds: int) -> str:
    """`300` -> `5m`, `172800` -> `48h`: burn rates take minutes and hours."""
    return f"{seconds // HOUR}h" if seconds % HOUR == 0 else f"{seconds // 60}m"


def _burns(plan: Plan, objective: Objective, burn: BurnWindow) -> dict[str, Any]:
    long, short = window_name(burn.long), window_name(burn.short)
    windows = f'.over("30d").long_window("{long}").short_window("{short}")'
    query = f'burn_rate("{slo_mark(objective)}"){windows} > {number(burn.rate)}'
    lines = [
        f"{plain(objective.means)}.",
        f"{burn.spent:.0%} of the 30-day error budget is gone when this lasts {long}: it burns {burn.rate:g} times too "
        f"fast over {long} and over {short}. Now: {{{{value}}}} times.",
    ]
    title = f"{objective.name}: the error budget burns {burn.rate:g} times too fast over {long}"
    rest = described(plan, title, lines, burn.severity, "", objective.measure, objective.place)
    return {"type": "slo alert", "query": query, **rest, "options": _options(burn.severity, burn.rate)}


def _not_measured(plan: Plan, objective: Objective) -> dict[str, Any]:
    # a count is never below zero: only the absence of data can raise it
    query = f"sum(last_{SILENT // 60}m):{total(plan, objective)}.as_count() < 0"
    lines = [f"The series it needs are missing, so nobody knows whether it is kept: {plain(objective.means)}."]
    title = f"{objective.name}: the objective is not measured"
    rest = described(plan, title, lines, "ticket", "", objective.measure, objective.place)
    missing = {"on_missing_data": "show_and_notify_no_data", "require_full_window": False}
    return {"type": "query alert", "query": query, **rest, "options": {**_options("ticket", 0.0), **missing}}


def _condition(plan: Plan, signal: Signal, found: Figure) -> dict[str, Any]:
    # the best moment of the window is wrong: it was wrong all the while
    best, sign = ("min", ">") if found.above else ("max", "<")
    window = f"last_{window_name(max(signal.hold, LEAST_WINDOW))}"
    query = f"{best}({window}):{found.query} {sign} {number(found.limit)}"
    lines = [f"{plain(signal.means)}.", "Now: {{value}}."]
    title = f"{signal.component}: {signal.name}"
    rest = described(plan, title, lines, signal.severity, signal.component, signal.measure, signal.place)
    missing = "show_and_notify_no_data" if found.silent else "resolve"
    options = {**_options(signal.severity, found.limit), "on_missing_data": missing, "require_full_window": False}
    return {"type": "query alert", "query": query, **rest, "options": options}


def described(
    plan: Plan, title: str, lines: list[str], severity: Severity, component: str, measure: str, place: Place,
) -> dict[str, Any]:  # fmt: skip
    """Name, message, priority and tags; the owner is called where it is a mail address."""
    system = plan.system
    told = [*lines, "", f"Promise: {measure}", f"Spec: {plain(place.short)}"]
    told.append(f"Runbook: ${{runbooks}}/{runbook(measure)}")
    if MAIL.fullmatch(system.owner):
        told.append(f"Owner: @{system.owner}")
    elif system.owner:
        told.append(f"Owner: {plain(system.owner)}")
    return {
        "name": f"{system.name} {system.environment} {title}",
        "message": "\n".join(told),
        "priority": PRIORITY[severity],
        "tags": sorted([*tags(plan, component, measure, place.short), f"severity:{severity}"]),
    }


def _options(severity: Severity, threshold: float) -> dict[str, Any]:
    # Datadog refuses a threshold that differs from the one in the query
    return {
        "thresholds": {"critical": float(number(threshold))},
        "include_tags": True,
        "notify_audit": False,
        "renotify_interval": REPEAT[severity],
    }
