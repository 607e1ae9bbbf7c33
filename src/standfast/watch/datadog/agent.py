"""What the Datadog Agent is told: whom to ask, what to call it, and what to mask before a line leaves the host.

Read in its documents on 2026-11-28; `time_elapsed` of the OpenMetrics check in its source (DataDog/integrations-core,
`openmetrics/v2/transformers`). No Agent was run.
"""

from __future__ import annotations

import json
from typing import Any

from standfast.files import File
from standfast.plan import Plan
from standfast.watch.datadog.figures import RECORDS
from standfast.watch.datadog.logs import agent_rules
from standfast.watch.datadog.words import tag
from standfast.watch.prometheus.rules import BACKUP_LOG
from standfast.watch.prometheus.rules import RECORDS as WRITTEN
from standfast.watch.prometheus.text import as_yaml
from standfast.watch.signals import Signals

TEXTFILE = "node_textfile_mtime_seconds"


def agent_files(plan: Plan, signals: Signals) -> list[File]:
    """Below `agent/`, as the Agent's own folder lies."""
    main = {"logs_enabled": True, "logs_config": {"processing_rules": agent_rules(plan)}}
    # an env file takes a line as it is, without quotes around it
    variable = f"DD_LOGS_CONFIG_PROCESSING_RULES={json.dumps(agent_rules(plan))}\n"
    found = [_file("datadog.yaml", main, "To add to datadog.yaml of every Agent")]
    found.append(File("agent/container.env", variable))
    if checks := _checks(plan, signals):
        found.append(_file("conf.d/http_check.d/conf.yaml", checks, "Beside every instance"))
    return [*found, _file("conf.d/openmetrics.d/conf.yaml", _records(plan), "Where standfast status and backup write")]


def _file(path: str, body: dict[str, Any], title: str) -> File:
    return File(f"agent/{path}", as_yaml(body, title))


def _tags(plan: Plan) -> list[str]:
    return [tag("system", plan.system.name), tag("env", plan.system.environment)]


def _checks(plan: Plan, signals: Signals) -> dict[str, Any]:
    watched = {one.component for one in signals.conditions if one.kind == "down"}
    instances = [
        {
            "name": one.name.lower(),
            "url": f"http://127.0.0.1:{one.port}{one.health}",
            "tags": [*_tags(plan), tag("service", one.name)],
        }
        for one in plan.system.services
        if one.name in watched
    ]
    return {"init_config": {}, "instances": instances} if instances else {}


def _records(plan: Plan) -> dict[str, Any]:
    """Figures that Standfast writes for node_exporter's textfile collector: times become ages."""
    names = {
        WRITTEN["backup"][0]: "backup",
        BACKUP_LOG: "log",
        WRITTEN["restore-test"][0]: "restore-test",
        WRITTEN["drift"][0]: "drift",
        WRITTEN["audit"][0]: "audit",
        TEXTFILE: "written",
    }
    metrics = []
    for metric, kind in names.items():
        name = RECORDS[kind].removeprefix("standfast.")
        metrics.append({metric: {"name": name, "type": "time_elapsed"} if name.endswith(".age") else name})
    instance = {
        "openmetrics_endpoint": "http://127.0.0.1:9100/metrics",
        "namespace": "standfast",
        "metrics": metrics,
        "tags": _tags(plan),
    }
    return {"init_config": {}, "instances": [instance]}
