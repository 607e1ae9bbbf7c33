"""Prometheus and Alertmanager: what is scraped, recording and alerting rules, routing, and tests of the rules."""

from __future__ import annotations

from standfast.files import File
from standfast.plan import Plan
from standfast.watch.openslo import document
from standfast.watch.prometheus.cases import rule_tests
from standfast.watch.prometheus.configuration import alertmanager, prometheus, remote_write
from standfast.watch.prometheus.discovery import PROJECT, SUBSCRIPTION, pushed
from standfast.watch.prometheus.exporters import ENDPOINTS, commands, endpoints, exporter_files
from standfast.watch.prometheus.rules import rules, told
from standfast.watch.prometheus.text import as_yaml
from standfast.watch.signals import Signals

__all__ = ["as_yaml", "rules", "write"]

README = """\
# Monitoring of {system}

| file | what |
|---|---|
| `prometheus.yml` | what is scraped, found by tags and labels, and the exporters beside it |
| `rules.yml` | recording and alerting rules, each naming the line of the spec it comes from |
| `rules_test.yml`, `tickets_test.yml` | what the rules must do, minute by minute: `promtool test rules *_test.yml` |
| `alertmanager.yml` | pages and tickets, and to whom they go |
| `remote_write.yml` | to add to `prometheus.yml` where there is long-term storage; put its address there |
| `exporters/`, `{endpoints}` | configuration of the exporters, and the public address to probe |
| `openslo.yml` | the objectives as OpenSLO v1 documents |

The services must export the histogram `http_server_request_duration_seconds` (OpenTelemetry semantic conventions
for HTTP metrics, stable since 1.23) with a bucket bound at each promised latency: {buckets}.
An objective whose series are missing raises `ObjectiveNotMeasured`, a feed that tells too little `SignalsNotFed`:
silence is never taken for good news.

## What feeds the signals

| feed | how it is run |
|---|---|
{feeds}

{more}
A bucket that names a trace as its exemplar (OpenMetrics) leads from a slow figure to a slow request: run it with
`--enable-feature=exemplar-storage`, and the panels of latency show the traces.

Of an alert's annotations `dashboard` is a path at the address of your Grafana (`../grafana`), `runbook` a page of the
same build, and `spec` the line that asked for it. Budgets look back 30 days: run Prometheus with
`--storage.tsdb.retention.time=32d`, else they are of the time it remembers (15 days by default).

## Signals

| signal | of | wrong when | tells | runbook |
|---|---|---|---|---|
{signals}
"""


def write(plan: Plan, signals: Signals) -> list[File]:
    """The files of the back end, relative to its folder."""
    system = plan.system.name
    return [
        File("prometheus.yml", as_yaml(prometheus(plan, signals), f"Prometheus of {system}")),
        File("rules.yml", as_yaml(rules(plan, signals), f"Recording and alerting rules of {system}")),
        *(File(path, as_yaml(body, "promtool test rules *_test.yml")) for path, body in rule_tests(plan, signals)),
        File("alertmanager.yml", as_yaml(alertmanager(plan), f"Alertmanager of {system}")),
        File("remote_write.yml", as_yaml(remote_write("https://LONG-TERM-STORAGE/api/v1/write"), "Long-term storage")),
        *(File(path, as_yaml(body, title)) for path, body, title in exporter_files(plan, signals)),
        File(ENDPOINTS, as_yaml(endpoints(plan), "What is asked from outside")),
        File("openslo.yml", document(plan, signals)),
        File("README.md", _readme(plan, signals)),
    ]


def _readme(plan: Plan, signals: Signals) -> str:
    bounds = [f"{one.slower_than:g} s" for one in signals.objectives if one.slower_than is not None]
    kept = told(plan, signals)
    more = []
    if services := pushed(plan):
        more.append(
            f"{', '.join(services)}: containers have no address to scrape. The collector in `../otel` writes their "
            "figures here; run Prometheus with `--web.enable-remote-write-receiver`."
        )
    if plan.cloud in ("azure", "gcp"):
        word = SUBSCRIPTION if plan.cloud == "azure" else PROJECT
        more.append(f"Put yours where the files say `{word}`.")
    untold = [one for one in signals.conditions if one not in kept.conditions and one.kind != "feed"]
    more += [f"Not watched, because nothing tells it there: {one.component}, {one.resource}." for one in untold]
    rows = [
        (one.name, ", ".join(one.services), one.means, "page or ticket, by burn rate", one.runbook)
        for one in signals.objectives
    ]
    behind = [one.objective for one in signals.parts]
    rows += [(one.name, ", ".join(one.services), one.means, "ticket", one.runbook) for one in behind]
    rows += [(one.name, one.component, one.means, one.severity, one.runbook) for one in kept.conditions]
    return README.format(
        system=plan.system.name,
        endpoints=ENDPOINTS,
        buckets=", ".join(bounds) or "none is promised",
        feeds="\n".join(f"| {feed} | {how} |" for feed, how in commands(plan, signals)),
        more="".join(f"{line}\n\n" for line in more),
        signals="\n".join(f"| {' | '.join(row)} |" for row in rows),
    )
