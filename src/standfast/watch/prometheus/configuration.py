"""Where Prometheus finds what to scrape, and where Alertmanager sends what fires."""

from __future__ import annotations

import re
from typing import Any

from standfast.plan import Plan
from standfast.watch.prometheus.discovery import jobs
from standfast.watch.prometheus.exporters import exporter_jobs
from standfast.watch.prometheus.objectives import window_name
from standfast.watch.prometheus.rules import INTERVAL
from standfast.watch.prometheus.timing import Pace
from standfast.watch.signals import Signals

PACE = Pace(sample=15, evaluate=INTERVAL, wait={"page": 10, "ticket": 30}, again=300)
MAIL = re.compile(r"[^@\s{}]+@[^@\s{}]+\.[^@\s{}]+")


def prometheus(plan: Plan, signals: Signals) -> dict[str, Any]:
    """`prometheus.yml`: what is scraped, and where samples and alerts go."""
    return {
        "global": {"scrape_interval": f"{PACE.sample}s", "evaluation_interval": f"{PACE.evaluate}s"},
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": ["127.0.0.1:9093"]}]}]},
        "scrape_configs": [
            {"job_name": "own/prometheus", "static_configs": [{"targets": ["127.0.0.1:9090"]}]},
            *jobs(plan),
            *exporter_jobs(plan, signals),
        ],
    }


def remote_write(url: str) -> dict[str, Any]:
    """Long-term storage: what a month is judged by and what people compare years with, not every instance's buckets."""
    kept = {"source_labels": ["__name__"], "regex": "standfast:.*|standfast_.*|up|ALERTS", "action": "keep"}
    queue = {"max_shards": 10, "capacity": 10_000, "max_samples_per_send": 2000, "batch_send_deadline": "10s"}
    return {"remote_write": [{"url": url, "write_relabel_configs": [kept], "queue_config": queue}]}


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
            "group_by": ["system", "alertname", "objective", "component"],
            "group_wait": f"{PACE.wait['ticket']}s",
            "group_interval": window_name(int(PACE.again)),
            "repeat_interval": "1d",
            "routes": [
                {"receiver": "nobody", "matchers": ['alertname="Watchdog"']},
                {
                    "receiver": "page",
                    "matchers": ['severity="page"'],
                    "group_wait": f"{PACE.wait['page']}s",
                    "repeat_interval": "1h",
                },
                {"receiver": "ticket", "matchers": ['severity="ticket"']},
            ],
        },
        "inhibit_rules": [
            {
                "source_matchers": ['severity="page"'],
                "target_matchers": ['severity="ticket"'],
                "equal": ["system", "objective", "component"],
            },
            {  # users see it: that a service behind spends the budget too is its cause, read on the same dashboard
                "source_matchers": ['alertname="ErrorBudgetBurn"', 'severity="page"', 'objective="availability"'],
                "target_matchers": ['alertname="ErrorBudgetBurn"', 'objective=~"service-.+"'],
                "equal": ["system"],
            },
            {  # what is not told cannot be short of anything either way
                "source_matchers": ['alertname="SignalsNotFed"', 'component="services"'],
                "target_matchers": ['alertname="ObjectiveNotMeasured"'],
                "equal": ["system"],
            },
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
