"""Kibana: a data view, searches, a dashboard, and rules that call somebody, each with the line of the spec behind it.

Rules are bodies of its alerting API (`.es-query`), the rest are saved objects as its import takes them.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from standfast.plan import Plan
from standfast.watch.elastic import names
from standfast.watch.probes import probes_of
from standfast.watch.signals import BURN_WINDOWS, Signals

COLUMNS = ["service.name", "log.level", "message", "trace.id", "host.name"]
ERRORS = "log.level: (error or fatal or critical or panic)"
HEARTBEAT = "heartbeat-*"  # where Heartbeat writes unless it is told otherwise
SILENCE_MINUTES = 15  # assumed: a service that serves says something in this time
SEARCHES = (
    ("errors", "Errors", ERRORS),
    ("database", "What databases and caches complain of", "message: (FATAL or PANIC or ERROR or OOM) and not app: *"),
    ("unmasked", "Lines that could not be masked", "tags: masking_failed"),
)


def identity(plan: Plan, name: str) -> str:
    """The same for the same name: what is sent again takes the place of what is there."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"standfast/{plan.system.name}/{plan.system.environment}/{name}"))


def objects(plan: Plan) -> list[dict[str, Any]]:
    """Saved objects; what one needs stands before it."""
    system, view = plan.system, identity(plan, "view")
    title = {"title": names.pattern(plan), "name": f"Logs of {system.name}", "timeFieldName": "@timestamp"}
    found = [_object("index-pattern", view, title)]
    found += [_search(plan, view, name, title, query) for name, title, query in SEARCHES]
    found.append(_levels(plan))
    boards = [("visualization", "levels"), *(("search", name) for name, _, _ in SEARCHES)]
    panels, references = [], []
    for number, (kind, name) in enumerate(boards):
        grid = {"x": 0, "y": 12 * number, "w": 48, "h": 12, "i": name}
        panels.append({"panelIndex": name, "gridData": grid, "type": kind, "panelRefName": f"panel_{name}"})
        references.append({"name": f"{name}:panel_{name}", "type": kind, "id": identity(plan, name)})
    board = {
        "title": f"Logs of {system.name}",
        "description": f"What {system.name} says in {system.environment}; kept {names.days(plan)} days.",
        "panelsJSON": json.dumps(panels),
        "optionsJSON": json.dumps({"useMargins": True}),
        "timeRestore": True,
        "timeFrom": "now-6h",
        "timeTo": "now",
        "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps({"query": _kuery(""), "filter": []})},
    }
    return [*found, _object("dashboard", identity(plan, "dashboard"), board, references)]


def _object(kind: str, at: str, attributes: dict[str, Any], references: Any = ()) -> dict[str, Any]:
    return {"type": kind, "id": at, "attributes": attributes, "references": list(references)}


def _kuery(query: str) -> dict[str, str]:
    return {"query": query, "language": "kuery"}


def _search(plan: Plan, view: str, name: str, title: str, query: str) -> dict[str, Any]:
    chosen = "kibanaSavedObjectMeta.searchSourceJSON.index"
    source = {"query": _kuery(query), "filter": [], "indexRefName": chosen}
    attributes = {
        "title": f"{plan.system.name}: {title}",
        "columns": COLUMNS,
        "sort": [["@timestamp", "desc"]],
        "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(source)},
    }
    return _object("search", identity(plan, name), attributes, [{"name": chosen, "type": "index-pattern", "id": view}])


def _levels(plan: Plan) -> dict[str, Any]:
    """Lines over time by level: Vega, whose language is documented, where Kibana's own charts are not."""
    by_level = {"terms": {"field": "log.level", "size": 6}}
    over_time = {
        "date_histogram": {"field": "@timestamp", "interval": {"%autointerval%": True}},
        "aggs": {"level": by_level},
    }
    url = {
        "%context%": True,
        "%timefield%": "@timestamp",
        "index": names.pattern(plan),
        "body": {"size": 0, "aggs": {"time": over_time}},
    }
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"url": url, "format": {"property": "aggregations.time.buckets"}},
        "transform": [{"flatten": ["level.buckets"], "as": ["level"]}],
        "mark": "bar",
        "encoding": {
            "x": {"field": "key", "type": "temporal", "axis": {"title": None}},
            "y": {"field": "level.doc_count", "type": "quantitative", "aggregate": "sum", "axis": {"title": "lines"}},
            "color": {"field": "level.key", "type": "nominal", "legend": {"title": "level"}},
        },
    }
    title = f"{plan.system.name}: lines by level"
    state = {"title": title, "type": "vega", "aggs": [], "params": {"spec": json.dumps(chart, indent=2)}}
    source = {"query": _kuery(""), "filter": []}
    attributes = {
        "title": title,
        "visState": json.dumps(state),
        "uiStateJSON": "{}",
        "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(source)},
    }
    return _object("visualization", identity(plan, "levels"), attributes)


def rules(plan: Plan, signals: Signals) -> dict[str, dict[str, Any]]:
    """File -> body. What metrics judge (budgets, instances) stays theirs: here is what only a log says."""
    found = {}
    for service in plan.system.services:
        if any(one.component == service.name for one in signals.conditions):
            found[f"silent-{service.name}"] = _rule(
                plan, f"{service.name} has said nothing for {SILENCE_MINUTES} minutes", "<", 1, SILENCE_MINUTES,
                [{"term": {"service.name": service.name}}], "ticket", str(service.place),
            )  # fmt: skip
    available = next((one for one in signals.objectives if one.name == "availability"), None)
    rate = plan.system.promises.scalability.average
    if available is not None and rate:
        # as many errors as spend the budget so fast that a page is due: one line for each failed request is assumed
        most = BURN_WINDOWS[0].rate * (1 - available.target) * rate * 300
        levels = ["error", "fatal", "critical", "panic"]
        found["errors"] = _rule(
            plan, f"more than {max(1, round(most))} errors in 5 minutes", ">", max(1, round(most)), 5,
            [{"terms": {"log.level": levels}}], "page", str(available.place),
        )  # fmt: skip
    for probe in probes_of(plan):
        # what Heartbeat saw: down at every look from every place
        found[f"outside-{probe.service}"] = _rule(
            plan, f"from outside, {probe.what} is not answered with {probe.status}", "<", 1, 3 * probe.every // 60,
            [{"term": {"monitor.id": f"{names.system(plan)}-{probe.service}"}}, {"term": {"monitor.status": "up"}}],
            "page", str(probe.place), HEARTBEAT,
        )  # fmt: skip
    found["unmasked"] = _rule(
        plan, "lines could not be masked; their text was not stored", ">", 0, 15,
        [{"term": {"tags": "masking_failed"}}], "ticket", str(plan.system.where("security.data")),
    )  # fmt: skip
    return found


def _rule(
    plan: Plan, what: str, compare: str, threshold: int, minutes: int, terms: list[Any], severity: str, spec: str,
    index: str = "",
) -> dict[str, Any]:  # fmt: skip
    tags = ["standfast", f"system:{plan.system.name}", f"severity:{severity}", f"spec:{spec}"]
    return {
        "name": f"{plan.system.name}: {what}",
        "rule_type_id": ".es-query",
        "consumer": "alerts",
        "schedule": {"interval": "1m"},
        "tags": tags + ([f"owner:{plan.system.owner}"] if plan.system.owner else []),
        "actions": [],
        "params": {
            "searchType": "esQuery",
            "esQuery": json.dumps({"query": {"bool": {"filter": terms}}}),
            "index": [index or names.pattern(plan)],
            "timeField": "@timestamp",
            "timeWindowSize": minutes,
            "timeWindowUnit": "m",
            "threshold": [threshold],
            "thresholdComparator": compare,
            "size": 100 if compare == ">" else 0,
            "aggType": "count",
            "groupBy": "all",
            "excludeHitsFromPreviousRun": False,
        },
    }
