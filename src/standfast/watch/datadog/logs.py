"""Log pipelines and masks: bodies of `POST /api/v1/logs/config/pipelines` and of the Sensitive Data Scanner (v2).

What is private is masked by the Agent, before it leaves the host. The scanner is a second net, for what came another
way.
"""

from __future__ import annotations

from typing import Any

from standfast.plan import Plan
from standfast.watch.datadog.words import MANAGED, tag
from standfast.watch.masks import MASKED, masks
from standfast.watch.private import blocked_values

# Attributes by OpenTelemetry's conventions -> Datadog's standard ones, by which it links logs, traces and facets.
REMAPPED = (
    (("http.response.status_code",), "http.status_code"),
    (("http.request.method",), "http.method"),
    (("url.path",), "http.url_details.path"),
    (("exception.stacktrace",), "error.stack"),
    (("exception.message",), "error.message"),
    (("exception.type",), "error.kind"),
)
PAIRS = 'standfast_pairs %{data::keyvalue("=")}'  # of lines that are no JSON: what stands as key=value
SAMPLE = "level=error trace_id=0af7651916cd43dd8448eb211c80319c status=502 took=0.3"


def pipeline(plan: Plan) -> dict[str, Any]:
    """Of the lines of one system. Datadog itself reads JSON; what this adds is what its fields mean."""
    system = plan.system
    single = {
        "status-remapper": ("level", "log.level", "severity"),
        "message-remapper": ("message", "msg"),
        "service-remapper": ("service.name", "service"),
        "trace-id-remapper": ("trace_id", "dd.trace_id"),
        "span-id-remapper": ("span_id", "dd.span_id"),
        "date-remapper": ("timestamp", "time", "@timestamp"),
    }
    grok = {
        "type": "grok-parser",
        "name": "key=value in lines that are no JSON",
        "is_enabled": True,
        "source": "message",
        "samples": [SAMPLE],
        "grok": {"support_rules": "", "match_rules": PAIRS},
    }
    named = [
        {"type": kind, "name": f"what says the {kind.removesuffix('-remapper')}", "is_enabled": True,
         "sources": list(sources)}
        for kind, sources in single.items()
    ]  # fmt: skip
    moved = [
        {
            "type": "attribute-remapper",
            "name": f"{sources[0]} is {target}",
            "is_enabled": True,
            "sources": list(sources),
            "source_type": "attribute",
            "target": target,
            "target_type": "attribute",
            "preserve_source": False,
            "override_on_conflict": False,
        }
        for sources, target in REMAPPED
    ]
    return {
        "name": f"{system.name} {system.environment}",
        "is_enabled": True,
        "filter": {"query": f"{tag('system', system.name)} {tag('env', system.environment)}"},
        "processors": [grok, *named, *moved],
        "tags": [tag("system", system.name), MANAGED],
    }


def scanner(plan: Plan) -> dict[str, Any] | None:
    """A group of the Sensitive Data Scanner with its rules, as attributes; None where nothing private has a form."""
    patterns = blocked_values(plan)
    if not patterns:
        return None
    system, classes = plan.system, ", ".join(sorted(plan.system.promises.security.data))
    rules = [
        {
            "name": f"{system.name} {system.environment} private {number}",
            "description": f"A form of what the spec declares: {classes}",
            "pattern": pattern,
            "text_replacement": {"type": "replacement_string", "replacement_string": MASKED},
            "tags": [MANAGED, "sensitive_data:standfast"],
            "is_enabled": True,
            "priority": 1,
        }
        for number, pattern in enumerate(patterns, 1)
    ]
    group = {
        "name": f"{system.name} {system.environment}",
        "description": "Written by Standfast; change the spec, not this group.",
        "is_enabled": True,
        "filter": {"query": f"{tag('system', system.name)} {tag('env', system.environment)}"},
        "product_list": ["logs", "apm"],
    }
    return {"group": group, "rules": rules}


def agent_rules(plan: Plan) -> list[dict[str, str]]:
    """`logs_config.processing_rules` of the Agent: what is masked in every line before it is sent."""
    return [
        {
            "type": "mask_sequences",
            "name": f"private_{number}",
            "replace_placeholder": f"{'${1}' if mask.keeps else ''}{_put(mask.quoted)}",
            "pattern": mask.pattern,
        }
        for number, mask in enumerate(masks(plan), 1)
    ]


def _put(quoted: bool) -> str:
    return f'"{MASKED}"' if quoted else MASKED
