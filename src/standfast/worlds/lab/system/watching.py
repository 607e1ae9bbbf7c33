"""Prometheus and Alertmanager of the lab, on the rules that are written for production.

Three things differ, and nothing else: targets are listed, alerts go to the keeper's webhook, and time is short. A rule
is looked at every second, what must last for five minutes before somebody is told must last for five seconds, and a
budget that is judged over an hour is judged over a minute: an outage of a second is there what one of a minute is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from standfast.plan import Plan
from standfast.watch.prometheus import as_yaml, rules
from standfast.watch.prometheus.configuration import alertmanager
from standfast.watch.prometheus.sources import LAB
from standfast.watch.prometheus.timing import Alerting, Pace, alerts_of
from standfast.watch.signals import Signals, signals_of
from standfast.worlds.lab.system.hosts import Host
from standfast.worlds.lab.system.launch import Run

SHORTER = 60  # how many times shorter `for` and the windows of objectives are
PACE = Pace(sample=1, evaluate=1, wait={"page": 0, "ticket": 0}, again=1, shorter=SHORTER, late=5)  # late: assumed
WINDOW = re.compile(r"\[(\d+[smhd])\]")
FED = ("services", "plan", "hosts", "stores")  # what tells of backups and of the public address is not in the lab
SLOW = "5s"  # between two looks at what is no alarm by the second
COLLECTED = ("cpu", "filesystem", "meminfo", "netdev", "pressure")  # by the node exporter; the rest is not asked for
EVERY = f"{PACE.sample:g}s"
ALERTMANAGER, WEBHOOK = 9093, 9099  # where there is no Alertmanager, the keeper takes alerts from Prometheus itself
NO_ALARM = ("HostRunsShort",)  # all hosts are this machine: how busy it is is shown, and is nobody's fault
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class HasComponent(Protocol):
    @property
    def component(self) -> str: ...


def watching(
    plan: Plan, hosts: tuple[Host, ...], watch: Host, runs: tuple[Run, ...], root: Path, routed: bool
) -> dict[Path, str]:
    """The files of the host that watches. `runs`: everything of other hosts, exporters among it; `routed`: whether
    there is an Alertmanager."""
    folder = root / "etc/prometheus"
    return {
        folder / "rules.yml": as_yaml(
            shortened(rules(plan, told(plan, hosts), LAB)), f"Rules of {plan.system.name}, in the lab"
        ),
        folder / "prometheus.yml": as_yaml(
            _prometheus(plan, hosts, watch, runs, routed), f"Prometheus of {plan.system.name}'s lab"
        ),
        folder / "alertmanager.yml": as_yaml(_alertmanager(plan, watch), f"Alertmanager of {plan.system.name}'s lab"),
    }


def told(plan: Plan, hosts: Iterable[HasComponent]) -> Signals:
    """What the lab can tell, of as many hosts as it has; that nobody uses it is no alarm there."""
    signals = signals_of(as_small(plan, hosts)).fed_by(*FED)
    return replace(signals, conditions=tuple(one for one in signals.conditions if one.kind != "traffic"))


def alerting(plan: Plan, hosts: Iterable[HasComponent]) -> Alerting:
    """What the lab's monitoring promises: which alerts, and how soon."""
    found = alerts_of(plan, told(plan, hosts), LAB)
    return Alerting(tuple(one for one in found if one.name not in NO_ALARM), PACE)


def as_small(plan: Plan, hosts: Iterable[HasComponent]) -> Plan:
    """The plan with as many servers as the lab has: an alert is to tell when one of these is missing."""
    counts = Counter(host.component for host in hosts)
    choices = tuple(replace(one, count=counts[one.component] or one.count) for one in plan.choices)
    return replace(plan, choices=choices)


def shortened(document: Mapping[str, Any]) -> dict[str, Any]:
    """The rules with the lab's time."""
    groups = []
    for group in document["groups"]:
        kept = [_short(rule) for rule in group["rules"] if rule.get("alert") not in NO_ALARM]
        groups.append({**group, "interval": EVERY, "rules": kept})
    return {**document, "groups": groups}


def _short(rule: Mapping[str, Any]) -> dict[str, Any]:
    held = {"for": f"{_seconds(rule['for']) / SHORTER:.0f}s"} if "for" in rule else {}
    budget = {}
    if "objective" in rule["labels"]:
        budget["expr"] = WINDOW.sub(lambda found: f"[{_seconds(found[1]) / SHORTER:.0f}s]", rule["expr"])
    return {**rule, **held, **budget}


def _seconds(duration: str) -> int:
    return int(duration[:-1]) * UNITS[duration[-1]]


def _prometheus(
    plan: Plan, hosts: tuple[Host, ...], watch: Host, runs: tuple[Run, ...], routed: bool
) -> dict[str, Any]:
    by_name = {one.name: one for one in hosts}
    jobs: dict[str, list[dict[str, Any]]] = {}
    slow: dict[str, dict[str, Any]] = {
        "node-exporter": {"scrape_interval": SLOW, "params": {"collect[]": list(COLLECTED)}},
        "lab": {"scrape_interval": SLOW, "honor_labels": True},
    }

    def scrape(job: str, host: Host, port: int, at: Host | None = None) -> None:
        """`at`: whose address tells of this host, where it is not its own."""
        labels = {"system": plan.system.name, "instance": host.name, "zone": host.zone}
        serves = host.role == "service" and at is None
        labels |= {"service": host.component} if serves else {"component": host.component}
        jobs.setdefault(job, []).append({"targets": [f"{(at or host).address}:{port}"], "labels": labels})

    for host in hosts:
        if host.role == "service":
            scrape(host.component, host, host.port)
        if host.role == "balancer":
            scrape("haproxy", host, 8404)
    for run in runs:
        if run.name.endswith("-exporter"):
            scrape(run.name.rpartition(".")[2], by_name[run.host], run.port)
        if run.name.endswith(".node-exporter"):  # what it tells of this machine is true of every host
            for host in (one for one in hosts if one.role == "service"):
                scrape("node-exporter", host, run.port, by_name[run.host])
        if run.name.endswith(".telemetry"):
            jobs["lab"] = [{"targets": [f"{run.address}:{run.port}"], "labels": {"system": plan.system.name}}]
    return {
        "global": {"scrape_interval": EVERY, "scrape_timeout": "900ms", "evaluation_interval": EVERY},
        "rule_files": ["rules.yml"],
        "alerting": {
            "alertmanagers": [
                {"static_configs": [{"targets": [f"{watch.address}:{ALERTMANAGER if routed else WEBHOOK}"]}]}
            ]
        },
        "scrape_configs": [
            {"job_name": job, **slow.get(job, {}), "static_configs": targets} for job, targets in sorted(jobs.items())
        ],
    }


def unrouted(root: Path) -> None:
    """Let Prometheus send its alerts to the keeper itself: the Alertmanager that was found does not run."""
    path = root / "etc/prometheus/prometheus.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(f":{ALERTMANAGER}", f":{WEBHOOK}"), encoding="utf-8")


def _alertmanager(plan: Plan, watch: Host) -> dict[str, Any]:
    """Routes and silences as in production; every receiver is the keeper."""
    document = alertmanager(plan)
    hook = [{"url": f"http://{watch.address}:{WEBHOOK}/", "send_resolved": True}]
    short = {"group_wait": "0s", "group_interval": f"{PACE.again:g}s"}
    routes = [{**one, **({"group_wait": "0s"} if "group_wait" in one else {})} for one in document["route"]["routes"]]
    receivers = [
        {"name": one["name"], **({"webhook_configs": hook} if one["name"] != "nobody" else {})}
        for one in document["receivers"]
    ]
    kept = {key: document[key] for key in ("inhibit_rules",)}
    return {"route": {**document["route"], **short, "routes": routes}, **kept, "receivers": receivers}


def watch_runs(watch: Host, root: Path, found: Mapping[str, Path]) -> list[Run]:
    """The programs of that host that were found."""
    folder, logs = root / "etc/prometheus", root / "var/log"
    runs = []
    if "prometheus" in found:
        command = (
            str(found["prometheus"]), f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={root / 'var/lib/prometheus'}", f"--web.listen-address={watch.address}:{watch.port}",
            "--enable-feature=exemplar-storage",
        )  # fmt: skip
        runs.append(
            Run(watch.name, watch.name, command, str(root), str(logs / "prometheus.log"), watch.address, watch.port,
                ready="/-/ready", again=5.0)
        )  # fmt: skip
    if "alertmanager" in found:
        command = (
            str(found["alertmanager"]), f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={root / 'var/lib/alertmanager'}", f"--web.listen-address={watch.address}:{ALERTMANAGER}",
            "--cluster.listen-address=",
        )  # fmt: skip
        runs.append(
            Run(f"{watch.name}.alertmanager", watch.name, command, str(root), str(logs / "alertmanager.log"),
                watch.address, ALERTMANAGER, ready="/-/ready", again=5.0)
        )  # fmt: skip
    return runs
