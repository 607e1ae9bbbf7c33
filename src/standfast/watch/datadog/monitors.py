"""Monitors: the alerts of objectives and conditions, as bodies of `POST /api/v1/monitor`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.plan import Plan
from standfast.problem import Place
from standfast.watch.datadog.objectives import fit
from standfast.watch.datadog.words import MAIL, METRIC, REACHED, number, plain, scope, tags, total
from standfast.watch.links import runbook
from standfast.watch.signals import HOUR, BurnWindow, Objective, Severity, Signal, Signals

PRIORITY: dict[Severity, int] = {"page": 1, "ticket": 3}  # Datadog's 1 is the most urgent of five
REPEAT: dict[Severity, int] = {"page": 60, "ticket": 24 * 60}  # minutes until told again
WATCHED = ("down", "load")  # kinds of conditions whose figures Datadog is told
SILENT = 600  # seconds without a series before somebody is told that nothing is measured


def monitors(plan: Plan, signals: Signals) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each monitor with the name of its file."""
    for objective in signals.objectives:
        for burn in fit(objective).windows:
            yield f"{objective.name}-burns-{window_name(burn.long)}", _burns(plan, objective, burn)
        yield f"{objective.name}-not-measured", _not_measured(plan, objective)
    for signal in (one for one in signals.conditions if one.kind in WATCHED):
        yield f"{signal.component.lower()}-{signal.name}", _condition(plan, signal)


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
    rest = _described(plan, title, lines, burn.severity, "", objective.measure, objective.place)
    return {"type": "slo alert", "query": query, **rest, "options": _options(burn.severity, burn.rate)}


def _not_measured(plan: Plan, objective: Objective) -> dict[str, Any]:
    # a count is never below zero: only the absence of data can raise it
    query = f"sum(last_{SILENT // 60}m):{total(plan, objective)}.as_count() < 0"
    lines = [f"The series it needs are missing, so nobody knows whether it is kept: {plain(objective.means)}."]
    title = f"{objective.name}: the objective is not measured"
    rest = _described(plan, title, lines, "ticket", "", objective.measure, objective.place)
    missing = {"on_missing_data": "show_and_notify_no_data", "require_full_window": False}
    return {"type": "query alert", "query": query, **rest, "options": {**_options("ticket", 0.0), **missing}}


def _condition(plan: Plan, signal: Signal) -> dict[str, Any]:
    window = f"last_{window_name(signal.hold)}"
    if signal.kind == "down":
        # the best moment of the window: below the threshold all the while
        query = f"max({window}):sum:{REACHED}{{{scope(plan, signal.component)}}} < {number(signal.threshold)}"
        missing = "show_and_notify_no_data"
    else:
        public = [one.name for one in plan.system.services if one.public]
        query = f"min({window}):count:{METRIC}{{{scope(plan, *public)}}}.as_rate() > {number(signal.threshold)}"
        missing = "resolve"
    lines = [f"{plain(signal.means)}.", "Now: {{value}}."]
    title = f"{signal.component}: {signal.name}"
    rest = _described(plan, title, lines, signal.severity, signal.component, signal.measure, signal.place)
    options = {**_options(signal.severity, signal.threshold), "on_missing_data": missing, "require_full_window": False}
    return {"type": "query alert", "query": query, **rest, "options": options}


def _described(
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
