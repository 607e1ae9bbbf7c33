"""Datadog: everything as the JSON that its API takes, a program that sends it, and the same as Terraform and Pulumi."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from standfast.files import File
from standfast.plan import Plan
from standfast.problem import Problems
from standfast.watch.datadog.agent import agent_files
from standfast.watch.datadog.as_code.pulumi import pulumi
from standfast.watch.datadog.as_code.terraform import terraform
from standfast.watch.datadog.dashboard import dashboard
from standfast.watch.datadog.figures import figure
from standfast.watch.datadog.logs import pipeline, scanner
from standfast.watch.datadog.monitors import monitors
from standfast.watch.datadog.objectives import fit, objective_document, untakable
from standfast.watch.datadog.synthetics import synthetics
from standfast.watch.datadog.words import MAIL, METRIC, unsayable
from standfast.watch.probes import probes_of
from standfast.watch.signals import Signals

OTHERWISE = ("certificate", "outside", "outside-slow", "feed")  # kinds that are no monitor of a metric
README = """\
# Datadog for {system}

| folder | what |
|---|---|
| `slos/` | an objective per promise, and one of each service behind them |
| `monitors/` | how fast each budget may burn, what is not measured, what is down, short, old or too dear |
| `synthetics/` | the public address asked from where users are, and its certificate |
| `dashboards/` | what was promised beside what is |
| `pipelines/`, `scanner/` | what fields of logs mean, and a second net for what is private |
| `agent/` | for the Agent of every host: what it asks, and what it masks before a line leaves |
| `terraform/`, `pulumi/` | the same but the Agent's, as code: take one of the three ways, not two |

Everything names its line of the spec. Pages have priority 1, tickets 3. Send it, and again after a change: what is
there as it should be is left alone, what differs is changed, and after a failure the same command goes on.

    DD_API_KEY=… DD_APP_KEY=… DD_SITE=datadoghq.eu python3 push.py --domain shop.example.com \\
        --runbooks https://wiki.example.com/runbooks

`--prune` removes what was sent once and is asked for no longer. `${{slo:…}}` in a monitor is the id that Datadog gives
an objective, `${{domain}}` and `${{runbooks}}` are yours; `push.py` puts them in.

## What must arrive

- `{metric}` in seconds: OpenTelemetry's histogram as a distribution, with percentiles switched on
  for it (Metrics Summary), and the tags `system:{system}`, `env:{environment}`, `service` and
  `http.response.status_code`.
- **Of hosts and services**, the Agent with the files below `agent/` and the tags `system:{system}`,
  `env:{environment}` and `component` (`DD_TAGS`). On the host where `standfast status` and `standfast backup` write,
  node_exporter serves their figures and the Agent reads them there.
- **Of stores**, Datadog's integration with {cloud}: tags `system` and `component` of resources come with it.
- **Logs** through an Agent of 7.17 or newer; one in a container takes the masks of `agent/container.env`.
- **Synthetic checks, logs and the Sensitive Data Scanner are charged for by use**: {tests} tests ask {requests:,}
  times a month. Remove the folder of what you do not want before you send.

## Said otherwise, or not at all

{unsaid}
"""
CLOUDS = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
MONTH = 30 * 86_400


def write(plan: Plan, signals: Signals) -> list[File]:
    """The files of the back end, relative to its folder. Raises Problems for what Datadog cannot say."""
    problems = [*unsayable(plan), *untakable(signals)]
    if problems:
        raise Problems(problems)
    documents = api_documents(plan, signals)
    return [
        *(_document(path, body) for path, body in documents.items()),
        *agent_files(plan, signals),
        *terraform(plan, documents),
        *pulumi(plan, documents),
        File("push.py", files(__name__).joinpath("push.py").read_text(encoding="utf-8")),
        File("README.md", _readme(plan, signals, documents)),
    ]


def api_documents(plan: Plan, signals: Signals) -> dict[str, dict[str, Any]]:
    """The bodies for Datadog's API by their paths: `slos/p95.json`."""
    objectives = [*signals.objectives, *(part.objective for part in signals.parts)]
    found = {f"slos/{one.name}.json": objective_document(plan, one) for one in objectives}
    found |= {f"monitors/{name}.json": body for name, body in monitors(plan, signals)}
    found["dashboards/promises.json"] = dashboard(plan, signals)
    found |= {f"synthetics/{name}.json": body for name, body in synthetics(plan, signals)}
    found["pipelines/services.json"] = pipeline(plan)
    if private := scanner(plan):
        found["scanner/private.json"] = private
    return found


def unsaid(plan: Plan, signals: Signals) -> list[str]:
    """What Datadog does not say of the signals, or says in another way, in sentences."""
    told = [line for one in signals.objectives for line in fit(one).unsaid]
    if not MAIL.fullmatch(plan.system.owner):
        told.append("The owner is no mail address, so that no monitor calls anybody: route by the tag `severity`.")
    left = [one for one in signals.conditions if one.kind not in OTHERWISE and not figure(plan, one)]
    told += [f"Nothing tells Datadog of {one.component}: {one.name}." for one in left]
    if any(one.inside for one in probes_of(plan)):
        told.append("The system is private: its address is asked from no place of Datadog's; use a private location.")
    if any(one.resource == "waiting" for one in signals.conditions):
        told.append("`waiting` of hosts counts disks alone: the Agent tells no pressure of processors.")
    if any(one.kind == "outside-slow" for one in signals.conditions):
        told.append(
            "A synthetic check is slow when each request of a quarter of an hour took longer than promised, with TLS "
            "but without DNS, from every place: the rules of `../prometheus` count the share."
        )
    told += [
        "A database is as old as the newest file of its log where less than a day may be lost, else as its backup.",
        "A feed that tells nothing is said by each of its monitors, not once; by those of clouds once figures came.",
        "A burn rate knows no least traffic: a few failed requests in a quiet hour may page.",
        "A ticket is not held back while a page of the same objective is open.",
        "There is no watchdog: that Datadog itself is silent is seen from outside it only.",
    ]
    return told


def _document(path: str, body: dict[str, Any]) -> File:
    return File(path, json.dumps(body, indent=2, ensure_ascii=False) + "\n")


def _readme(plan: Plan, signals: Signals, documents: Mapping[str, Any]) -> str:
    system = plan.system
    tests = [body for path, body in documents.items() if path.startswith("synthetics/")]
    return README.format(
        system=system.name.lower(),
        environment=system.environment.lower(),
        metric=METRIC,
        cloud=CLOUDS[plan.cloud],
        tests=len(tests),
        requests=sum(MONTH // one["options"]["tick_every"] * len(one["locations"]) for one in tests),
        unsaid="\n".join(f"- {line}" for line in unsaid(plan, signals)),
    )
