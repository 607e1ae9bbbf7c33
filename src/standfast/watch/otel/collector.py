"""The collector's configuration: what comes in by OTLP, what is kept of it, and where it may go.

Components and their fields are those of OpenTelemetry Collector Contrib 0.140 to 0.165 (READMEs of the components).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from standfast.plan import Plan
from standfast.watch.private import blocked_keys, blocked_values
from standfast.watch.signals import Signals

MEMORY_MIB = 1024  # what the collector is given; assumed
BATCH = 2048  # spans, points or records sent at once; the exporters' limits stand well above
DECISION = 10  # seconds to wait for the rest of a trace; assumed, and never under what the slowest promise allows
KEPT_PERCENT = 1  # of traces with nothing remarkable; assumed


@dataclass(frozen=True)
class Option:
    """A place to send to: its exporter, what goes there, and what its environment must hold."""

    name: str
    settings: dict[str, Any]
    signals: tuple[str, ...]
    needs: tuple[str, ...]


OPTIONS = (
    Option(
        "prometheusremotewrite",
        {"endpoint": "${env:REMOTE_WRITE_URL}", "resource_to_telemetry_conversion": {"enabled": True}},
        ("metrics",),
        ("REMOTE_WRITE_URL",),
    ),
    Option(
        "datadog",
        {
            "api": {"site": "${env:DD_SITE:-datadoghq.com}", "key": "${env:DD_API_KEY}"},
            "metrics": {"resource_attributes_as_tags": True},
        },
        ("metrics", "traces", "logs"),
        ("DD_API_KEY", "DD_SITE"),
    ),
    Option(
        "elasticsearch",
        {"endpoints": ["${env:ELASTICSEARCH_URL}"], "api_key": "${env:ELASTICSEARCH_API_KEY}"},
        ("traces", "logs"),
        ("ELASTICSEARCH_URL", "ELASTICSEARCH_API_KEY"),
    ),
)


def collector(plan: Plan, signals: Signals) -> tuple[dict[str, Any], ...]:
    """`collector.yaml`, then a part per option with pipelines of its own: the collector joins maps and not lists."""
    listen = "${env:OTLP_HOST:-127.0.0.1}"
    main = {
        "extensions": {"health_check": {"endpoint": "127.0.0.1:13133"}},
        "receivers": {
            "otlp": {"protocols": {"grpc": {"endpoint": f"{listen}:4317"}, "http": {"endpoint": f"{listen}:4318"}}}
        },
        "processors": {
            "memory_limiter": {
                "check_interval": "1s",
                "limit_mib": MEMORY_MIB * 4 // 5,
                "spike_limit_mib": MEMORY_MIB // 5,
            },
            "resource": {"attributes": _resource(plan)},
            "redaction": _redaction(plan),
            "tail_sampling": _sampling(plan, signals),
            "batch": {"send_batch_size": BATCH, "send_batch_max_size": 2 * BATCH, "timeout": "1s"},
        },
        "service": {"extensions": ["health_check"]},
    }
    return (main, *(_part(one) for one in OPTIONS))


def _part(option: Option) -> dict[str, Any]:
    pipelines = {
        f"{signal}/{option.name}": {
            "receivers": ["otlp"],
            "processors": [
                "memory_limiter", "resource", "redaction", *(["tail_sampling"] if signal == "traces" else []), "batch",
            ],
            "exporters": [option.name],
        }
        for signal in option.signals
    }  # fmt: skip
    return {"exporters": {option.name: option.settings}, "service": {"pipelines": pipelines}}


def literal(text: str) -> str:
    """Text of people as the collector reads it back: `$` would begin a variable."""
    return text.replace("$", "$$")


def _resource(plan: Plan) -> list[dict[str, Any]]:
    """By OpenTelemetry's semantic conventions; `system`, `env` and `owner` are what rules and monitors choose by."""
    system = plan.system
    said = {
        "service.namespace": system.name,
        "deployment.environment.name": system.environment,
        "cloud.provider": plan.cloud,
        "cloud.region": plan.region,
        "system": system.name,
        "env": system.environment,
        "owner": system.owner,
    }
    # `service` is the label that rules and monitors choose by
    named = {"key": "service", "from_attribute": "service.name", "action": "upsert"}
    return [*({"key": key, "value": literal(value), "action": "upsert"} for key, value in said.items() if value), named]


def _redaction(plan: Plan) -> dict[str, Any]:
    return {
        "allow_all_keys": True,
        "blocked_key_patterns": [literal(one) for one in blocked_keys(plan)],
        "blocked_values": [literal(one) for one in blocked_values(plan)],
        "redact_all_types": True,  # a card's number may come as a number
        "summary": "silent",
    }


def _sampling(plan: Plan, signals: Signals) -> dict[str, Any]:
    """Every trace that fails or is slower than promised, and a few of the others."""
    slow = [one for one in signals.objectives if one.slower_than is not None]
    rate = peak(plan)
    wait = max([DECISION, *(math.ceil(2 * (one.slower_than or 0)) for one in slow)])
    return {
        "decision_wait": f"{wait}s",
        "num_traces": math.ceil(2 * rate * wait),  # twice what arrives while one waits
        "expected_new_traces_per_sec": math.ceil(rate),
        "policies": [
            {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
            *(
                {
                    "name": f"slower-than-{re.sub('[^a-z0-9]', '', one.name)}",
                    "type": "latency",
                    "latency": {"threshold_ms": math.ceil((one.slower_than or 0) * 1000)},
                }
                for one in slow
            ),
            {"name": "others", "type": "probabilistic", "probabilistic": {"sampling_percentage": KEPT_PERCENT}},
        ],
    }


def peak(plan: Plan) -> float:
    """Requests/s that the plan is for, growth included."""
    planned = [row.declared for row in plan.promises if row.measure == "scalability.peak"]
    return max([plan.system.promises.scalability.peak, *planned])
