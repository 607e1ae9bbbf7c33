"""Prometheus and Alertmanager: scrape configuration, recording and alerting rules, routing, and tests of the rules."""

from __future__ import annotations

from typing import Any

from standfast.files import File
from standfast.plan import Plan
from standfast.watch.prometheus.cases import rule_tests
from standfast.watch.prometheus.configuration import alertmanager, prometheus
from standfast.watch.prometheus.rules import rules
from standfast.watch.signals import Signals

README = """\
# Monitoring of {system}

| file | what |
|---|---|
| `prometheus.yml` | scrapes every server of the system, found by its tags |
| `rules.yml` | recording and alerting rules, each naming the line of the spec it comes from |
| `rules_test.yml` | what the rules must do in a calm hour and in an outage: `promtool test rules rules_test.yml` |
| `alertmanager.yml` | pages and tickets, and to whom they go |

The services must export the histogram `http_server_request_duration_seconds` (OpenTelemetry semantic conventions
for HTTP metrics, stable since 1.23) with a bucket bound at each promised latency: {buckets}.
An objective whose series are missing raises `ObjectiveNotMeasured`: silence is never taken for good news.

Of an alert's annotations `dashboard` is a path at the address of your Grafana (`../grafana`), `runbook` a page of the
same build, and `spec` the line that asked for it.
"""


def write(plan: Plan, signals: Signals) -> list[File]:
    """The files of the back end, relative to its folder."""
    system = plan.system.name
    bounds = [f"{one.slower_than:g} s" for one in signals.objectives if one.slower_than is not None]
    readme = README.format(system=system, buckets=", ".join(bounds) or "none is promised")
    return [
        File("prometheus.yml", as_yaml(prometheus(plan), f"Prometheus of {system}")),
        File("rules.yml", as_yaml(rules(plan, signals), f"Recording and alerting rules of {system}")),
        File("rules_test.yml", as_yaml(rule_tests(plan, signals), "promtool test rules rules_test.yml")),
        File("alertmanager.yml", as_yaml(alertmanager(plan), f"Alertmanager of {system}")),
        File("README.md", readme),
    ]


def as_yaml(document: dict[str, Any], title: str) -> str:
    """YAML in the order it was built, long expressions unbroken."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        style = "|" if "\n" in value and value.isascii() else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    body = yaml.dump(document, Dumper=Dumper, sort_keys=False, width=10_000, allow_unicode=True)
    return f"# {title}. Written by Standfast; change the spec, not this file.\n{body}"
