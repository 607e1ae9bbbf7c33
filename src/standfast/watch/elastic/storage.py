"""Elasticsearch: how long logs are kept, what their fields are, and the pipeline that every document goes through.

Documents are the bodies of its API (8.13 and newer, where the template `ecs@mappings` comes with it).
"""

from __future__ import annotations

from typing import Any

from standfast.plan import Plan
from standfast.watch.elastic import names
from standfast.watch.masks import MASKED, Mask, masks

ECS = "8.11.0"  # the version of the Elastic Common Schema that the fields are named by
SHARD = "50gb"  # elastic.co/docs/deploy-manage/production-guidance/.../size-your-shards, 2026-11: 10 to 50 GB


def documents(plan: Plan) -> dict[str, tuple[str, dict[str, Any]]]:
    """File -> (path of the API, body), in the order in which one needs the other."""
    name = f"{names.system(plan)}-{names.environment(plan)}-logs"
    return {
        "lifecycle": (f"_ilm/policy/{name}", _lifecycle(plan)),
        "pipeline": (f"_ingest/pipeline/{name}", _pipeline(plan)),
        "fields": (f"_component_template/{name}", _fields(plan, name)),
        "template": (f"_index_template/{name}", _template(plan, name)),
    }


def _lifecycle(plan: Plan) -> dict[str, Any]:
    """A day's index is closed by then, so that nothing stays longer than a day above what is kept."""
    return {
        "policy": {
            "_meta": {"system": plan.system.name, "keeps": f"{names.days(plan)} days", "written_by": "standfast"},
            "phases": {
                "hot": {"actions": {"rollover": {"max_age": "1d", "max_primary_shard_size": SHARD}}},
                "warm": {"min_age": "2d", "actions": {"forcemerge": {"max_num_segments": 1}}},
                "delete": {"min_age": f"{names.days(plan)}d", "actions": {"delete": {}}},
            },
        }
    }


def _pipeline(plan: Plan) -> dict[str, Any]:
    """Masks once more what came past Logstash. What cannot be masked is stored without its text."""
    return {
        "description": f"Logs of {plan.system.name}: private data is masked before anything is stored.",
        "processors": [
            *(_gsub(mask) for mask in masks(plan)),
            {"set": {"field": "ecs.version", "value": ECS}},
            {"set": {"field": "event.ingested", "value": "{{{_ingest.timestamp}}}"}},
        ],
        "on_failure": [
            {"set": {"field": "message", "value": "[not stored: it could not be masked]"}},
            {"remove": {"field": ["app", "event.original"], "ignore_missing": True}},
            {"append": {"field": "tags", "value": ["masking_failed"]}},
        ],
    }


def _gsub(mask: Mask) -> dict[str, Any]:
    put = f'"{MASKED}"' if mask.quoted else MASKED
    settings = {"pattern": mask.pattern, "replacement": f"$1{put}" if mask.keeps else put}
    return {"gsub": {"field": "message", "ignore_missing": True, **settings}}


def _fields(plan: Plan, name: str) -> dict[str, Any]:
    """`app` is what a service says in words of its own: found by its values, and never a field each."""
    settings = {"index": {"lifecycle": {"name": name}, "final_pipeline": name, "codec": "best_compression"}}
    labels = {"system": {"type": "keyword"}, "environment": {"type": "keyword"}}
    properties = {"app": {"type": "flattened", "ignore_above": 1024}, "labels": {"properties": labels}}
    return {"template": {"settings": settings, "mappings": {"properties": properties}}, "_meta": _meta(plan)}


def _template(plan: Plan, name: str) -> dict[str, Any]:
    return {
        "index_patterns": [names.pattern(plan)],
        "data_stream": {},
        "priority": 300,  # above Elastic's own for logs-*-*, which has 100
        "composed_of": ["ecs@mappings", name],
        "_meta": _meta(plan),
    }


def _meta(plan: Plan) -> dict[str, Any]:
    return {"system": plan.system.name, "environment": plan.system.environment, "written_by": "standfast"}
