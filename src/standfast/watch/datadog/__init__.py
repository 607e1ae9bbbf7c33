"""Datadog: objectives, monitors and a dashboard as the JSON that its API takes, and a program that sends them."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from standfast.files import File
from standfast.plan import Plan
from standfast.problem import Problems
from standfast.watch.datadog.dashboard import dashboard
from standfast.watch.datadog.monitors import WATCHED, monitors
from standfast.watch.datadog.objectives import fit, objective_document, untakable
from standfast.watch.datadog.words import MAIL, METRIC, REACHED, unsayable
from standfast.watch.signals import Signals

README = """\
# Datadog for {system}

| folder | what |
|---|---|
| `slos/` | an objective per promise |
| `monitors/` | how fast each budget may burn, what is not measured, what is down; each names its line of the spec |
| `dashboards/` | what was promised beside what is |

Pages have priority 1, tickets 3. Send them, and send them again after a change (what stands there is changed in place):

    DD_API_KEY=… DD_APP_KEY=… DD_SITE=datadoghq.eu python3 push.py --runbooks https://wiki.example.com/runbooks

`${{slo:…}}` in a monitor is the id that Datadog gives an objective; `push.py` puts it in.

## What must arrive

- `{metric}` in seconds: OpenTelemetry's histogram as a distribution, with percentiles switched on
  for it (Metrics Summary), and the tags `system:{system}`, `env:{environment}`, `service` and
  `http.response.status_code`.
- `{reached}` from the Agent's `http_check` beside every instance, with the same tags. In
  `conf.d/http_check.d/conf.yaml` each has its own entry of:

{checks}
## Said otherwise, or not at all

{unsaid}
"""
CHECK = """\
      - name: {name}
        url: http://127.0.0.1:{port}{health}
        tags: ["system:{system}", "env:{environment}", "service:{name}"]
"""


def write(plan: Plan, signals: Signals) -> list[File]:
    """The files of the back end, relative to its folder. Raises Problems for what Datadog cannot say."""
    problems = [*unsayable(plan), *untakable(signals)]
    if problems:
        raise Problems(problems)
    return [
        *(_document(f"slos/{one.name}.json", objective_document(plan, one)) for one in signals.objectives),
        *(_document(f"monitors/{name}.json", body) for name, body in monitors(plan, signals)),
        _document("dashboards/promises.json", dashboard(plan, signals)),
        File("push.py", files(__name__).joinpath("push.py").read_text(encoding="utf-8")),
        File("README.md", _readme(plan, signals)),
    ]


def unsaid(plan: Plan, signals: Signals) -> list[str]:
    """What Datadog does not say of the signals, or says in another way, in sentences."""
    told = [line for one in signals.objectives for line in fit(one).unsaid]
    if not MAIL.fullmatch(plan.system.owner):
        told.append("The owner is no mail address, so that no monitor calls anybody: route by the tag `severity`.")
    others = sorted({one.kind for one in signals.conditions} - set(WATCHED))
    told += [
        f"Watched by the rules of `../prometheus` alone: {', '.join(others)}, and each service's own objective.",
        "A burn rate knows no least traffic: a few failed requests in a quiet hour may page.",
        "A ticket is not held back while a page of the same objective is open.",
        "There is no watchdog: that Datadog itself is silent is seen from outside it only.",
    ]
    return told


def _document(path: str, body: dict[str, Any]) -> File:
    return File(path, json.dumps(body, indent=2, ensure_ascii=False) + "\n")


def _readme(plan: Plan, signals: Signals) -> str:
    system = plan.system
    words = {"system": system.name.lower(), "environment": system.environment.lower()}
    watched = {one.component for one in signals.conditions if one.kind == "down"}
    instances = [
        CHECK.format(name=one.name.lower(), port=one.port, health=one.health, **words)
        for one in system.services
        if one.name in watched
    ]
    checks = "\n".join(["    instances:", *instances]) if instances else ""
    listed = "\n".join(f"- {line}" for line in unsaid(plan, signals))
    return README.format(metric=METRIC, reached=REACHED, checks=checks, unsaid=listed, **words)
