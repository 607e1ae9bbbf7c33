"""Panels and dashboards as Grafana's JSON: plain data, in a fixed order, with ids that follow from names.

Grafana replaces `$name`, `${name}` and `[[name]]` in titles, texts and links, and `{{label}}` in legends. These
dashboards have no variables, and what a user wrote is never one: see `plain` and `told`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from standfast.markdown import text
from standfast.watch.links import panel_id, uid

SCHEMA = 36  # of the dashboard's JSON: Grafana 9.1 and later read it
RUNBOOKS = "/public/runbooks"  # where the README has Grafana serve docs/runbooks
GREEN, ORANGE, RED = "green", "orange", "red"
WIDTH = 24  # columns of Grafana's grid

Json = dict[str, Any]
Limits = Sequence[tuple[float, str]]  # (from this value on, this colour), rising


@dataclass(frozen=True)
class Query:
    """One PromQL expression. `legend`: labels as `{{name}}`; `now`: only its newest value is asked for;
    `traced`: with the traces of single requests, where they are kept (exemplars)."""

    expr: str
    legend: str
    now: bool = False
    traced: bool = False


@dataclass(frozen=True)
class Panel:
    """`key` gives the id; the size is in columns and rows of the grid. `body`: everything but place and id."""

    key: str
    width: int
    height: int
    body: Json


def plain(value: object) -> str:
    """User text where Grafana shows text but replaces variables: a word joiner keeps the signs from meaning it."""
    one = " ".join("".join(sign if sign.isprintable() else " " for sign in str(value)).split())
    return re.sub(r"\$|\[(?=\[)|\{(?=\{)", lambda found: found.group() + "\u2060", one)


def told(value: object) -> str:
    """User text inside Markdown: nothing in it is markup, and no variable."""
    return text(value).replace("\\$", "&#36;").replace("{{", "{\u2060{")


def quoted(value: str) -> str:
    """A label's value as PromQL writes it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def lines(system: str, key: str, title: str, queries: Sequence[Query], **more: Any) -> Panel:
    """Values over time; limits are drawn as lines."""
    limits = more.get("limits") or more.get("least")
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 8, "showPoints": "never", "spanNulls": False}
    drawn = {**custom, "thresholdsStyle": {"mode": "line" if limits else "off"}}
    options = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return _panel(system, key, "timeseries", title, queries, options, {"custom": drawn}, **_sized(12, 8, more))


def number(system: str, key: str, title: str, queries: Sequence[Query], **more: Any) -> Panel:
    """The newest values, large and coloured."""
    options = {
        "reduceOptions": {"values": False, "calcs": ["lastNotNull"], "fields": ""},
        "colorMode": "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "textMode": "auto",
    }
    return _panel(system, key, "stat", title, queries, options, {}, **_sized(6, 4, more))


def rows(system: str, key: str, title: str, query: Query, hidden: Sequence[str], **more: Any) -> Panel:
    """A table with a row per series: its labels, except those that are `hidden`."""
    options = {"showHeader": True, "cellHeight": "sm", "frameIndex": 0}
    shown = _panel(system, key, "table", title, [query], options, {}, **_sized(12, 8, more))
    shown.body["targets"][0]["format"] = "table"
    left_out = dict.fromkeys(("Time", "__name__", *hidden), True)
    organise = {"excludeByName": left_out, "indexByName": {}, "renameByName": {}}
    shown.body["transformations"] = [{"id": "organize", "options": organise}]
    return shown


def words(key: str, title: str, markdown: str, size: tuple[int, int]) -> Panel:
    """A text; `markdown` must have its user text through `told`."""
    options = {"mode": "markdown", "content": markdown}
    body = {"type": "text", "title": plain(title), "description": "", "transparent": False, "options": options}
    return Panel(key, *size, {**body, "fieldConfig": {"defaults": {}, "overrides": []}, "links": []})


def _sized(width: int, height: int, more: Json) -> Json:
    return {"size": (width, height), **more}


def _panel(
    system: str,
    key: str,
    kind: str,
    title: str,
    queries: Sequence[Query],
    options: Json,
    defaults: Json,
    *,
    size: tuple[int, int],
    unit: str = "short",
    limits: Limits = (),
    least: Limits = (),
    about: str = "",
    links: Sequence[Json] = (),
) -> Panel:
    """`limits`: green until the first; `least`: red until the first."""
    steps: list[Json] = [{"value": None, "color": RED if least else GREEN}]
    steps += [{"value": value, "color": colour} for value, colour in (*limits, *least)]
    shown = {"unit": unit, "thresholds": {"mode": "absolute", "steps": steps}, **defaults}
    source = datasource(system)
    targets = [
        {
            "refId": chr(ord("A") + at),
            "datasource": source,
            "expr": query.expr,
            "legendFormat": query.legend,
            "instant": query.now,
            "range": not query.now,
            **({"exemplar": True} if query.traced else {}),
            "editorMode": "code",
        }
        for at, query in enumerate(queries)
    ]
    body = {
        "type": kind,
        "title": plain(title),
        "description": about,
        "transparent": False,
        "datasource": source,
        "targets": targets,
        "fieldConfig": {"defaults": shown, "overrides": []},
        "options": options,
        "links": list(links),
    }
    return Panel(key, *size, body)


def datasource(system: str) -> Json:
    return {"type": "prometheus", "uid": uid(system, "prometheus")}


def link(title: str, url: str) -> Json:
    """A link on a panel or a dashboard; both parts are of our own letters."""
    where = {"title": title, "type": "link", "icon": "external link", "tooltip": "", "url": url, "tags": []}
    return {**where, "asDropdown": False, "targetBlank": True, "includeVars": False, "keepTime": False}


def runbook_link(page: str) -> Json:
    return link("runbook", f"{RUNBOOKS}/{page}")


def dashboard(system: str, name: str, title: str, about: str, panels: Iterable[Panel], back: str = "6h") -> Json:
    """A whole dashboard. Pages by severity are marked on its graphs, and all of the system are one click away."""
    source = datasource(system)
    pages = f'ALERTS{{system={quoted(system)},severity="page",alertstate="firing"}}'
    mark = {"name": "Pages", "datasource": source, "enable": True, "hide": False, "iconColor": RED, "expr": pages}
    siblings = {**link("dashboards of this system", ""), "type": "dashboards", "tags": [tag(system)]}
    siblings = {**siblings, "asDropdown": True, "targetBlank": False, "keepTime": True, "icon": "dashboard"}
    return {
        "uid": uid(system, name),
        "title": plain(title),
        "description": about,
        "tags": ["standfast", tag(system)],
        "style": "dark",
        "timezone": "browser",
        "editable": False,
        "graphTooltip": 1,
        "time": {"from": f"now-{back}", "to": "now"},
        "refresh": "30s",
        "schemaVersion": SCHEMA,
        "templating": {"list": []},
        "annotations": {"list": [mark]},
        "links": [siblings, link("runbooks", f"{RUNBOOKS}/README.md")],
        "panels": list(_laid(panels)),
    }


def tag(system: str) -> str:
    return f"system:{plain(system)}"


def _laid(panels: Iterable[Panel]) -> Iterable[Json]:
    """Panels from left to right, a new row where the next does not fit."""
    x = y = tallest = 0
    for panel in panels:
        if x + panel.width > WIDTH:
            x, y, tallest = 0, y + tallest, 0
        place = {"h": panel.height, "w": panel.width, "x": x, "y": y}
        yield {"id": panel_id(panel.key), **panel.body, "gridPos": place}
        x, tallest = x + panel.width, max(tallest, panel.height)
