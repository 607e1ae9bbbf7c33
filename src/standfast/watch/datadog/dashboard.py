"""The dashboard of a system, as the body of `POST /api/v1/dashboard`: each line beside what was promised."""

from __future__ import annotations

import re
from typing import Any

from standfast.plan import Plan
from standfast.watch.datadog.figures import figure
from standfast.watch.datadog.objectives import percent
from standfast.watch.datadog.words import METRIC, REACHED, good, metric_query, number, plain, scope, total
from standfast.watch.signals import Signals

GROUPS = (
    ("Hosts", ("host",)),
    ("Stores", ("saturation", "gone")),
    ("Backups", ("backup", "restore-test")),
    ("Kept", ("cost", "drift", "audit")),
)
_QUERY = re.compile(r"[a-z]+:[a-z0-9_.]+\{[^{}]*\}(?: by \{[^{}]*\})?(?:\.as_\w+\(\))?")


def dashboard(plan: Plan, signals: Signals) -> dict[str, Any]:
    system = plan.system
    found = f"system:{system.name.lower()} AND env:{system.environment.lower()}"
    by_tag = f"tag:(system:{system.name.lower()} AND env:{system.environment.lower()})"
    owner = f" Owner: {plain(system.owner)}." if system.owner else ""
    note = f"# {system.name}, {system.environment}\nPromised in {plain(system.place.file)}.{owner}"
    listed = [{"request_type": "slo_list", "query": {"query_string": found, "limit": 20}}]
    return {
        "title": f"{system.name} {system.environment}: promises",
        "description": "Written by Standfast; change the spec, not this dashboard.",
        "layout_type": "ordered",
        "widgets": [
            _widget({"type": "note", "content": note}),
            _widget({"type": "slo_list", "title": "Promises and their budgets", "requests": listed}),
            _widget({"type": "manage_status", "title": "Alerts", "query": by_tag, "display_format": "countsAndList"}),
            _group("Requests", _requests(plan, signals)),
            _group("Instances", _instances(plan, signals)),
            *(_group(title, found) for title, kinds in GROUPS if (found := _conditions(plan, signals, kinds))),
        ],
    }


def _conditions(plan: Plan, signals: Signals, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """What conditions look at, each with the line that must not be crossed."""
    drawn = []
    for signal in signals.conditions:
        found = figure(plan, signal) if signal.kind in kinds else None
        if found:
            marks = [_marker(found.limit, "wrong above" if found.above else "wrong below")]
            drawn.append(_lines(f"{signal.component}: {signal.name}", *_formula(found.query), marks))
    return drawn


def _formula(query: str) -> tuple[dict[str, str], str]:
    """A sum of queries and numbers, as named queries and the formula over their names."""
    queries: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        name = f"q{len(queries) + 1}"
        queries[name] = found[0]
        return name

    return queries, _QUERY.sub(named, query)


def _requests(plan: Plan, signals: Signals) -> list[dict[str, Any]]:
    drawn = []
    for one in signals.objectives:
        if one.slower_than is None:
            queries = {"good": f"{good(plan, one)}.as_count()", "total": f"{total(plan, one)}.as_count()"}
            allowed = _marker(100 - percent(one.target), "allowed")
            drawn.append(_lines("Requests that fail, %", queries, "100 - 100 * good / total", [allowed]))
            peaks = [
                _marker(signal.threshold, "80% of the plan") for signal in signals.conditions if signal.kind == "load"
            ]
            drawn.append(_lines("Requests/s", {"all": f"{total(plan, one)}.as_rate()"}, "all", peaks))
        else:
            query = f"{one.name}:{METRIC}{{{scope(plan, *one.services)}}}"
            promised = _marker(one.slower_than, "promised")
            drawn.append(_lines(f"Answer time, {one.name}, s", {"seconds": query}, "seconds", [promised]))
    return drawn


def _instances(plan: Plan, signals: Signals) -> list[dict[str, Any]]:
    return [
        _lines(
            f"Instances of {signal.component} that answer",
            {"up": f"sum:{REACHED}{{{scope(plan, signal.component)}}}"},
            "up",
            [_marker(signal.threshold, "planned")],
        )
        for signal in signals.conditions
        if signal.kind == "down"
    ]


def _lines(title: str, queries: dict[str, str], formula: str, markers: list[dict[str, Any]]) -> dict[str, Any]:
    request = {
        "response_format": "timeseries",
        "queries": [metric_query(name, query) for name, query in queries.items()],
        "formulas": [{"formula": formula}],
        "display_type": "line",
    }
    return _widget({"type": "timeseries", "title": title, "requests": [request], "markers": markers})


def _marker(value: float, label: str) -> dict[str, Any]:
    return {"value": f"y = {number(value)}", "display_type": "error dashed", "label": label}


def _group(title: str, widgets: list[dict[str, Any]]) -> dict[str, Any]:
    return _widget({"type": "group", "title": title, "layout_type": "ordered", "widgets": widgets})


def _widget(definition: dict[str, Any]) -> dict[str, Any]:
    return {"definition": definition}
