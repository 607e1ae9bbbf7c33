"""Filebeat and Logstash: where lines come from, and what becomes of them on their way."""

from __future__ import annotations

import re
from typing import Any

from standfast.plan import Plan
from standfast.watch.elastic import names
from standfast.watch.masks import MASKED, Mask, masks

LISTEN = 6514  # syslog over TLS (RFC 5425): where the hosts' own shipper sends
BEATS = 5044

LOGSTASH = """\
# Written by Standfast; change the spec, not this file.
input {{
  beats {{
    port => {beats}
    ssl_enabled => true
    ssl_certificate => "${{LOGSTASH_CERTIFICATE}}"
    ssl_key => "${{LOGSTASH_KEY}}"
    ssl_certificate_authorities => ["${{LOGSTASH_AUTHORITY}}"]
    ssl_client_authentication => "required"
  }}
}}

filter {{
  # Before anything is read from it: what is private leaves the line, and the line as it came is kept nowhere.
  mutate {{
    remove_field => ["[event][original]"]
    gsub => [
{gsub}
    ]
  }}
  if [message] =~ /^\\s*\\{{/ {{
    json {{
      source => "message"
      target => "app"
      skip_on_invalid_json => true
    }}
    mutate {{
      rename => {{
        "[app][level]" => "[log][level]"
        "[app][trace_id]" => "[trace][id]"
        "[app][span_id]" => "[span][id]"
        "[app][service.name]" => "[service][name]"
        "[app][message]" => "message"
      }}
    }}
  }}
  if ![event][dataset] {{
    mutate {{
      add_field => {{ "[event][dataset]" => "{system}.other" }}
    }}
  }}
  mutate {{
    replace => {{
      "[data_stream][type]" => "logs"
      "[data_stream][dataset]" => "%{{[event][dataset]}}"
      "[data_stream][namespace]" => "{environment}"
      "[labels][system]" => "{name}"
      "[labels][environment]" => "{environment_name}"
    }}
  }}
}}

output {{
  elasticsearch {{
    hosts => ["${{ELASTICSEARCH_URL}}"]
    api_key => "${{ELASTICSEARCH_API_KEY}}"
    ssl_enabled => true
    data_stream => true
    data_stream_auto_routing => true
  }}
}}
"""


def filebeat(plan: Plan) -> dict[str, Any]:
    """One Filebeat that the hosts send to, or that stands on each node, and that fetches what the cloud keeps."""
    return {
        "filebeat.inputs": [*_inputs(plan)],
        "processors": [
            {"add_host_metadata": {"when": {"not": {"has_fields": ["host.name"]}}}},
            {"add_fields": {"target": "service", "fields": {"environment": plan.system.environment}}},
        ],
        "queue.disk": {"max_size": "1GB"},  # lines wait here while nobody takes them
        "output.logstash": {
            "hosts": [f"${{LOGSTASH_HOST}}:{BEATS}"],
            "ssl": {
                "certificate_authorities": ["${LOGSTASH_AUTHORITY}"],
                "certificate": "${FILEBEAT_CERTIFICATE}",
                "key": "${FILEBEAT_KEY}",
            },
        },
        "logging.level": "warning",
    }


def _inputs(plan: Plan) -> list[dict[str, Any]]:
    inputs: list[dict[str, Any]] = []
    pods = "/var/log/containers/"
    if plan.shape == "kubernetes":
        names_of = [service.name for service in plan.system.services]
        inputs.append({
            "type": "filestream",
            "id": f"{plan.system.name}-pods",
            "paths": [f"{pods}{name}-*_*.log" for name in names_of],
            "prospector.scanner.symlinks": True,
            "parsers": [{"container": {"stream": "all", "format": "auto"}}],
            "processors": [{"add_kubernetes_metadata": {"matchers": [{"logs_path": {"logs_path": pods}}]}}],
            **_set(plan, "services"),
        })  # fmt: skip
    if plan.shape == "vm":
        inputs.append({
            "type": "tcp",
            "id": f"{plan.system.name}-hosts",
            "host": f"${{FILEBEAT_LISTEN}}:{LISTEN}",
            "framing": "rfc6587",  # a count before each line, as the hosts' shipper writes it
            "ssl": {
                "enabled": True,
                "certificate": "${FILEBEAT_CERTIFICATE}",
                "key": "${FILEBEAT_KEY}",
                "certificate_authorities": ["${LOGSTASH_AUTHORITY}"],
                "client_authentication": "none",
            },
            "processors": [{"syslog": {"field": "message", "format": "rfc5424"}}],
            **_set(plan, "services"),
        })  # fmt: skip
    if plan.cloud == "aws":
        inputs.append({
            "type": "aws-cloudwatch",
            "id": f"{plan.system.name}-cloudwatch",
            "log_group_name_prefix": "${LOG_GROUP_PREFIX}",
            "region_name": plan.region,
            "start_position": "end",
            "scan_frequency": "1m",
            **_set(plan, "cloud"),
        })  # fmt: skip
    if plan.cloud == "gcp":
        inputs.append({
            "type": "gcp-pubsub",
            "id": f"{plan.system.name}-logging",
            "project_id": "${GOOGLE_PROJECT}",
            "topic": "${LOG_TOPIC}",
            "subscription.name": "${LOG_SUBSCRIPTION}",
            **_set(plan, "cloud"),
        })  # fmt: skip
    if plan.cloud == "azure":
        inputs.append({
            "type": "azure-eventhub",
            "id": f"{plan.system.name}-diagnostics",
            "eventhub": "${EVENTHUB}",
            "consumer_group": "$Default",
            "connection_string": "${EVENTHUB_CONNECTION}",
            "storage_account": "${EVENTHUB_STORAGE}",
            "storage_account_key": "${EVENTHUB_STORAGE_KEY}",
            **_set(plan, "cloud"),
        })  # fmt: skip
    return inputs


def _set(plan: Plan, source: str) -> dict[str, Any]:
    return {"fields_under_root": True, "fields": {"event.dataset": f"{names.system(plan)}.{source}"}}


def needed(plan: Plan) -> list[str]:
    """The variables of the environment that Filebeat's file asks for, sorted."""
    from yaml import safe_dump

    return sorted(set(re.findall(r"\$\{([A-Z_]+)\}", safe_dump(filebeat(plan)))))


def logstash(plan: Plan) -> str:
    """Logstash's pipeline. Its strings take no escapes: a pattern stands as it is, and none has a single quote."""
    words = {"beats": BEATS, "system": names.system(plan), "environment": names.environment(plan)}
    words |= {"name": plan.system.name, "environment_name": plan.system.environment}
    return LOGSTASH.format(gsub=",\n".join(_gsub(mask) for mask in masks(plan)), **words)


def _gsub(mask: Mask) -> str:
    kept, put = r"\1" if mask.keeps else "", f'"{MASKED}"' if mask.quoted else MASKED
    return f"""      "message", '{mask.pattern}', '{kept}{put}'"""
