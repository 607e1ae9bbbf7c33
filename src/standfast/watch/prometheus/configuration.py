"""Where Prometheus finds what to scrape, and where Alertmanager sends what fires."""

from __future__ import annotations

import re
from typing import Any

from standfast.plan import Plan
from standfast.watch.prometheus.rules import INTERVAL

MAIL = re.compile(r"[^@\s{}]+@[^@\s{}]+\.[^@\s{}]+")


def prometheus(plan: Plan) -> dict[str, Any]:
    """`prometheus.yml`: the servers of the system, found by the tags that the infrastructure code puts on them."""
    jobs = [_servers(plan, service.name, service.port) for service in plan.system.services]
    return {
        "global": {"scrape_interval": "15s", "evaluation_interval": f"{INTERVAL}s"},
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": ["127.0.0.1:9093"]}]}]},
        "scrape_configs": [
            {"job_name": "prometheus", "static_configs": [{"targets": ["127.0.0.1:9090"]}]},
            *jobs,
        ],
    }


def _servers(plan: Plan, service: str, port: int) -> dict[str, Any]:
    """One job per service: its instances in this region, by tag; the service port serves /metrics."""
    system = plan.system.name
    return {
        "job_name": service,
        "ec2_sd_configs": [
            {
                "region": plan.region,
                "port": port,
                "filters": [
                    {"name": "tag:system", "values": [system]},
                    {"name": "tag:component", "values": [service]},
                    {"name": "instance-state-name", "values": ["running"]},
                ],
            }
        ],
        "relabel_configs": [
            {"target_label": "system", "replacement": system},
            {"target_label": "service", "replacement": service},
            {"source_labels": ["__meta_ec2_instance_id"], "target_label": "instance"},
            {"source_labels": ["__meta_ec2_availability_zone"], "target_label": "zone"},
        ],
    }


def alertmanager(plan: Plan) -> dict[str, Any]:
    """`alertmanager.yml`: pages at once and repeated, tickets daily, the watchdog to nobody."""
    owner = plan.system.owner if MAIL.fullmatch(plan.system.owner) else ""
    return {
        "global": {
            "resolve_timeout": "5m",
            "smtp_smarthost": "127.0.0.1:25",
            "smtp_from": "alerts@localhost.localdomain",
        },
        "route": {
            "receiver": "ticket",
            "group_by": ["system", "alertname", "objective"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "1d",
            "routes": [
                {"receiver": "nobody", "matchers": ['alertname="Watchdog"']},
                {"receiver": "page", "matchers": ['severity="page"'], "group_wait": "10s", "repeat_interval": "1h"},
            ],
        },
        "inhibit_rules": [
            {
                "source_matchers": ['severity="page"'],
                "target_matchers": ['severity="ticket"'],
                "equal": ["system", "objective"],
            }
        ],
        "receivers": [
            {"name": "nobody"},
            _receiver("page", owner),
            _receiver("ticket", owner),
        ],
    }


def _receiver(name: str, owner: str) -> dict[str, Any]:
    """By mail to the owner; a receiver without an address keeps alerts visible in Alertmanager only."""
    if not owner:
        return {"name": name}
    return {"name": name, "email_configs": [{"to": owner, "send_resolved": True}]}
