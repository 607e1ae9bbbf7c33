"""The documents for Datadog's API in the words of its Terraform provider, before any language.

A block that stands once is a mapping, one that repeats a list of mappings; text that is known later is a `Text`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MARK = re.compile(r"\$\{(slo:[^{}]+|runbooks|domain)\}")


@dataclass(frozen=True)
class Id:
    """The id that Datadog gives a resource."""

    kind: str
    name: str


@dataclass(frozen=True)
class Word:
    """What the user says: `domain`, `runbooks`."""

    name: str


@dataclass(frozen=True)
class Text:
    parts: tuple[str | Id | Word, ...]


@dataclass(frozen=True)
class Resource:
    kind: str  # `datadog_monitor`
    name: str
    settings: Mapping[str, Any]


VARIABLES = {  # name -> (what it means, its default)
    "domain": ("The name under which users reach the system, for synthetic checks", None),
    "runbooks": ("Where the folder docs/runbooks can be read", "docs/runbooks"),
}


def resources(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Resource]]:
    """By folder, in the order in which each may speak of those before it."""
    found: dict[str, list[Resource]] = {}
    for path, body in documents.items():
        folder, name = path.removesuffix(".json").split("/")
        found.setdefault(folder, []).extend(_WRITE[folder](_name(name), body))
    return {folder: found[folder] for folder in _WRITE if folder in found}


def words(found: Mapping[str, list[Resource]]) -> list[str]:
    """The names of what the user must or may say, sorted."""
    every = (part for many in found.values() for one in many for part in parts(one.settings))
    return sorted({one.name for one in every if isinstance(one, Word)})


def parts(settings: Mapping[str, Any]) -> list[str | Id | Word]:
    """Of every text in settings that is not known yet."""
    return [part for text in texts(settings) for part in text.parts]


def texts(value: Any) -> Iterator[Text]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from texts(one)
    if isinstance(value, Text):
        yield value


def _name(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower())


def _text(value: str, *marks: str) -> str | Text:
    """Text in which these marks stand for something; what people wrote like a mark stays text."""
    found: list[str | Id | Word] = []
    for number, piece in enumerate(_MARK.split(value)):
        if number % 2 and piece.partition(":")[0] in marks:
            kind, _, name = piece.partition(":")
            found.append(Id("datadog_service_level_objective", _name(name)) if kind == "slo" else Word(kind))
        elif piece:
            text = f"${{{piece}}}" if number % 2 else piece
            before = found.pop() if found and isinstance(found[-1], str) else ""
            found.append(f"{before}{text}")
    return Text(tuple(found)) if any(not isinstance(one, str) for one in found) else value


def _slo(name: str, body: Mapping[str, Any]) -> Iterator[Resource]:
    count = body["sli_specification"]["count"]
    settings = {key: value for key, value in body.items() if key != "sli_specification"}
    counted = {
        "good_events_formula": count["good_events_formula"]["formula"],
        "total_events_formula": count["total_events_formula"]["formula"],
        "queries": [{"metric_query": one} for one in count["queries"]],
    }
    yield Resource("datadog_service_level_objective", name, {**settings, "sli_specification": {"count": counted}})


def _monitor(name: str, body: Mapping[str, Any]) -> Iterator[Resource]:
    options = dict(body["options"])
    critical = options.pop("thresholds")["critical"]
    yield Resource(
        "datadog_monitor",
        name,
        {
            **{key: body[key] for key in ("name", "type", "tags")},
            "query": _text(body["query"], "slo"),
            "message": _text(body["message"], "runbooks"),
            "priority": str(body["priority"]),
            **options,
            "monitor_thresholds": {"critical": f"{critical:.9f}".rstrip("0").rstrip(".")},
        },
    )


def _dashboard(name: str, body: Mapping[str, Any]) -> Iterator[Resource]:
    yield Resource("datadog_dashboard_json", name, {"dashboard": json.dumps(body, ensure_ascii=False)})


def _synthetic(name: str, body: Mapping[str, Any]) -> Iterator[Resource]:
    request = dict(body["config"]["request"])
    for key in ("url", "host"):
        if key in request:
            request[key] = _text(request[key], "domain")
    if "port" in request:
        request["port"] = str(request["port"])
    asserted = [
        {**{key: one[key] for key in ("type", "operator")}, "target": str(one["target"])}
        | ({"timings_scope": one["timingsScope"]} if "timingsScope" in one else {})
        for one in body["config"]["assertions"]
    ]
    settings = {key: body[key] for key in ("name", "type", "subtype", "status", "tags", "locations")}
    more = {"request_definition": request, "assertion": asserted, "options_list": body["options"]}
    yield Resource("datadog_synthetics_test", name, {**settings, "message": _text(body["message"], "runbooks"), **more})


def _pipeline(name: str, body: Mapping[str, Any]) -> Iterator[Resource]:
    steps = [
        {one["type"].replace("-", "_"): {key: value for key, value in one.items() if key != "type"}}
        for one in body["processors"]
    ]
    settings = {key: body[key] for key in ("name", "is_enabled", "tags")}
    yield Resource("datadog_logs_custom_pipeline", name, {**settings, "filter": [body["filter"]], "processor": steps})


def _scanner(name: str, body: Mapping[str, Any]) -> Iterator[Resource]:
    yield Resource("datadog_sensitive_data_scanner_group", name, body["group"])
    group = Text((Id("datadog_sensitive_data_scanner_group", name),))
    for number, rule in enumerate(body["rules"], 1):
        yield Resource("datadog_sensitive_data_scanner_rule", f"{name}_{number}", {"group_id": group, **rule})


_WRITE: dict[str, Callable[[str, Mapping[str, Any]], Iterator[Resource]]] = {
    "slos": _slo,
    "monitors": _monitor,
    "dashboards": _dashboard,
    "synthetics": _synthetic,
    "pipelines": _pipeline,
    "scanner": _scanner,
}
