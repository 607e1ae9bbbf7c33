"""Grafana: dashboards, and what provisions them.

The dashboards are plain data; that they are what Grafana reads is held by tests against the models of
`grafana-foundation-sdk` (docs/decisions/0070-dashboards-as-plain-data.md).
"""

from __future__ import annotations

import json
from typing import Any

from standfast.files import File
from standfast.plan import Plan
from standfast.watch.grafana.boards import boards
from standfast.watch.grafana.panels import RUNBOOKS, plain
from standfast.watch.links import uid
from standfast.watch.prometheus import as_yaml
from standfast.watch.signals import PERIOD_DAYS, Signals

README = """\
# Dashboards of {system}

| file | what |
|---|---|
| `dashboards/*.json` | the dashboards; they have no variables and may not be edited in Grafana: change the spec |
| `provisioning/datasources/` | Prometheus and Alertmanager, on this host: put your addresses there |
| `provisioning/dashboards/` | has Grafana read the dashboards from `{path}` |

To provision a Grafana of your own, copy or mount:

| from | to |
|---|---|
| `provisioning/` | `/etc/grafana/provisioning` |
| `dashboards/` | `{path}` |
| `docs/runbooks/` (of the same build) | `/usr/share/grafana/public/runbooks`, which Grafana serves as `{runbooks}` |

Whoever may open Grafana's address can then read the runbooks. Budgets look back {days} days: run Prometheus with
`--storage.tsdb.retention.time={keep}d`, else they are of the time it remembers (15 days by default).
"""


def write(plan: Plan, signals: Signals) -> list[File]:
    """The files of the back end, relative to its folder."""
    system = plan.system.name
    path = f"/var/lib/grafana/dashboards/{uid(system, 'files')}"
    readme = README.format(system=plain(system), path=path, runbooks=RUNBOOKS, days=PERIOD_DAYS, keep=PERIOD_DAYS + 2)
    name = f"{uid(system, 'standfast')}.yaml"
    written = [File(f"dashboards/{uid(system, board)}.json", _json(body)) for board, body in boards(plan, signals)]
    return [
        *written,
        File(f"provisioning/dashboards/{name}", as_yaml(_provider(system, path), "Where Grafana finds dashboards")),
        File(f"provisioning/datasources/{name}", as_yaml(_sources(system), "What Grafana reads from")),
        File("README.md", readme),
    ]


def _provider(system: str, path: str) -> dict[str, Any]:
    """Grafana expands `$NAME` in these files; a dollar of ours is written twice."""
    provider = {
        "name": _literal(f"standfast {system}"),
        "orgId": 1,
        "folder": _literal(plain(system)),
        "folderUid": uid(system, "folder"),
        "type": "file",
        "disableDeletion": False,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 30,
        "options": {"path": path},
    }
    return {"apiVersion": 1, "providers": [provider]}


def _sources(system: str) -> dict[str, Any]:
    prometheus = {
        "name": _literal(f"Prometheus of {plain(system)}"),
        "uid": uid(system, "prometheus"),
        "type": "prometheus",
        "access": "proxy",
        "url": "http://127.0.0.1:9090",
        "editable": False,
        "jsonData": {
            "httpMethod": "POST",
            "prometheusType": "Prometheus",
            "timeInterval": "15s",
            "manageAlerts": True,
            "alertmanagerUid": uid(system, "alertmanager"),
        },
    }
    alertmanager = {
        "name": _literal(f"Alertmanager of {plain(system)}"),
        "uid": uid(system, "alertmanager"),
        "type": "alertmanager",
        "access": "proxy",
        "url": "http://127.0.0.1:9093",
        "editable": False,
        "jsonData": {"implementation": "prometheus", "handleGrafanaManagedAlerts": False},
    }
    return {"apiVersion": 1, "datasources": [prometheus, alertmanager]}


def _literal(value: str) -> str:
    return value.replace("$", "$$")


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
