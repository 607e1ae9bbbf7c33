"""Prometheus and Alertmanager of the lab, on the rules that are written for production.

Three things differ, and nothing else: targets are listed, alerts go to the keeper's webhook, and time is short. In a
drill a rule is looked at every second, what must last for five minutes before somebody is told must last for five
seconds, and a budget that is judged over an hour is judged over a minute: an outage of a second is there what one of a
minute is. A lab that only stands has a calmer pace, since looking costs the processor that is measured there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from standfast.plan import Plan
from standfast.watch.probes import probes_of
from standfast.watch.prometheus import as_yaml, rules
from standfast.watch.prometheus.configuration import alertmanager
from standfast.watch.prometheus.exporters import BLACKBOX, blackbox, exporter_jobs
from standfast.watch.prometheus.sources import LAB
from standfast.watch.prometheus.timing import Alerting, Pace, alerts_of
from standfast.watch.signals import Signals, signals_of
from standfast.worlds.lab.system.hosts import Host
from standfast.worlds.lab.system.launch import Run
from standfast.worlds.lab.system.room import Place

# `shorter`: how many times `for` and the windows of objectives are; late: assumed.
PACE = Pace(sample=1, evaluate=1, wait={"page": 0, "ticket": 0}, again=1, shorter=60, late=5)
CALM = Pace(sample=5, evaluate=5, wait={"page": 0, "ticket": 0}, again=5, shorter=12, late=5)
WINDOW = re.compile(r"\[(\d+[smhd])\]")
FED = ("services", "plan", "hosts", "stores")  # what tells of backups is not in the lab
SLOW = 2.0  # seconds between two looks at what is no alarm by the second
COLLECTED = ("cpu", "filesystem", "meminfo", "netdev", "pressure")  # by the node exporter; the rest is not asked for
UNTOLD = ("traffic", "outside-slow")  # that nobody uses it is no alarm here; an hour is not waited for
PROBED = 2.0  # seconds between two probes, and for one: the exporter gives up half a second earlier
ENTRIES = ("edge", "balancer")
ALERTMANAGER, WEBHOOK = 9093, 9099  # where there is no Alertmanager, the keeper takes alerts from Prometheus itself
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class HasComponent(Protocol):
    @property
    def component(self) -> str: ...


def watching(
    plan: Plan, hosts: tuple[Host, ...], watch: Host, runs: tuple[Run, ...], place: Place, blind: Iterable[str] = ()
) -> dict[Path, str]:
    """The files of the host that watches. `runs`: everything of other hosts, exporters among it; `blind`: services that
    tell nothing. Without an Alertmanager, Prometheus tells the keeper itself."""
    folder, pace = place.root(watch.name) / "etc/prometheus", CALM if place.calm else PACE
    routed, probed = "alertmanager" in place.found, "blackbox-exporter" in place.found
    shown = shortened(rules(plan, told(plan, hosts, probed, (*blind, *unseen(hosts, runs))), LAB), pace)
    prometheus = _prometheus(plan, hosts, watch, runs, routed, probed, blind, pace)
    system = plan.system.name
    return {
        folder / "rules.yml": as_yaml(shown, f"Rules of {system}, in the lab"),
        folder / "blackbox.yml": as_yaml(_blackbox(plan, place.room), "blackbox_exporter"),
        folder / "prometheus.yml": as_yaml(prometheus, f"Prometheus of {system}'s lab"),
        folder / "alertmanager.yml": as_yaml(_alertmanager(plan, watch, pace), f"Alertmanager of {system}'s lab"),
    }


def unseen(hosts: Iterable[Host], runs: Iterable[Run]) -> tuple[str, ...]:
    """The stores that no exporter tells of: it would seem that they are gone."""
    at = {one.name: one.component for one in hosts if one.role in ("database", "cache")}
    seen = {at[run.host] for run in runs if run.host in at and run.name.endswith("-exporter")}
    return tuple(sorted(set(at.values()) - seen))


def told(plan: Plan, hosts: Iterable[HasComponent], probed: bool = True, blind: Iterable[str] = ()) -> Signals:
    """What the lab can tell, of as many hosts as it has; that nobody uses it is no alarm there. `probed`: whether
    something looks at the addresses of users from outside; `blind`: services and stores of which nothing is told;
    `web.clock`: not that of its clock."""
    hosts = tuple(hosts)
    signals = signals_of(as_small(plan, hosts))
    front = {one.service for one in probes_of(plan) if one.front}
    seen = {one for one in signals.conditions if probed and (one.kind == "certificate" or one.component in front)}
    kept = {*signals.fed_by(*FED).conditions, *(one for one in seen if one.feed == "endpoints")}
    silent = {
        one for one in kept
        if (one.component in set(blind) and (one.feed in ("services", "plan") or one.kind == "gone"))
        or f"{one.component}.{one.resource}" in blind
    }  # fmt: skip
    gone = {one.component for one in plan.choices} - {one.component for one in hosts}  # the lab stands without
    untold = {one for one in kept if one.kind in UNTOLD or one.component in gone}
    conditions = tuple(one for one in signals.conditions if one in kept - silent - untold)
    return replace(signals, conditions=conditions)


def alerting(plan: Plan, hosts: Iterable[HasComponent], probed: bool = True, blind: Iterable[str] = ()) -> Alerting:
    """What the lab's monitoring promises: which alerts, and how soon."""
    found = alerts_of(plan, told(plan, hosts, probed, blind), LAB)
    return Alerting(tuple(one for one in found if alarms(one.name, one.labels)), PACE)


def as_small(plan: Plan, hosts: Iterable[HasComponent]) -> Plan:
    """The plan with as many servers as the lab has: an alert is to tell when one of these is missing."""
    counts = Counter(host.component for host in hosts)
    choices = tuple(replace(one, count=counts[one.component] or one.count) for one in plan.choices)
    return replace(plan, choices=choices)


def shortened(document: Mapping[str, Any], pace: Pace = PACE) -> dict[str, Any]:
    """The rules with the lab's time."""
    groups = []
    for group in document["groups"]:
        kept = [_short(rule, pace.shorter) for rule in group["rules"] if alarms(rule.get("alert", ""), rule["labels"])]
        groups.append({**group, "interval": f"{pace.evaluate:g}s", "rules": kept})
    return {**document, "groups": groups}


def alarms(name: str, labels: Mapping[str, str]) -> bool:
    """All hosts are this machine: how busy it is is shown, and is nobody's fault. A clock can be one service's own."""
    return name != "HostRunsShort" or labels.get("resource") == "clock"


def _short(rule: Mapping[str, Any], shorter: float) -> dict[str, Any]:
    held = {"for": f"{_seconds(rule['for']) / shorter:.0f}s"} if "for" in rule else {}
    budget = {}
    if "objective" in rule["labels"]:
        budget["expr"] = WINDOW.sub(lambda found: f"[{_seconds(found[1]) / shorter:.0f}s]", rule["expr"])
    return {**rule, **held, **budget}


def _seconds(duration: str) -> int:
    return int(duration[:-1]) * UNITS[duration[-1]]


def _prometheus(
    plan: Plan,
    hosts: tuple[Host, ...],
    watch: Host,
    runs: tuple[Run, ...],
    routed: bool,
    probed: bool,
    blind: Iterable[str],
    pace: Pace,
) -> dict[str, Any]:
    by_name = {one.name: one for one in hosts}
    jobs: dict[str, list[dict[str, Any]]] = {}
    seldom = f"{max(SLOW, pace.sample):g}s"
    slow: dict[str, dict[str, Any]] = {
        "node-exporter": {"scrape_interval": seldom, "params": {"collect[]": list(COLLECTED)}},
        "lab": {"scrape_interval": seldom, "honor_labels": True},
    }

    def scrape(job: str, host: Host, port: int, at: Host | None = None) -> None:
        """`at`: whose address tells of this host, where it is not its own."""
        labels = {"system": plan.system.name, "instance": host.name, "zone": host.zone}
        serves = host.role == "service" and at is None
        labels |= {"component": host.component, **({"service": host.component} if serves else {})}
        jobs.setdefault(job, []).append({"targets": [f"{(at or host).address}:{port}"], "labels": labels})

    for host in hosts:
        if host.role == "service" and host.component not in blind:
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
        "global": {
            "scrape_interval": f"{pace.sample:g}s",
            "scrape_timeout": "900ms",
            "evaluation_interval": f"{pace.evaluate:g}s",
        },
        "rule_files": ["rules.yml"],
        "alerting": {
            "alertmanagers": [
                {"static_configs": [{"targets": [f"{watch.address}:{ALERTMANAGER if routed else WEBHOOK}"]}]}
            ]
        },
        "scrape_configs": [
            *({"job_name": job, **slow.get(job, {}), "static_configs": found} for job, found in sorted(jobs.items())),
            *(_probe(plan, hosts, watch, pace) if probed else ()),
        ],
    }


def _probe(plan: Plan, hosts: tuple[Host, ...], watch: Host, pace: Pace) -> list[dict[str, Any]]:
    """The jobs of production that look at the addresses of users: where users come in here, by the exporter here."""
    entries = sorted((one.role != "edge", f"{one.address}:{one.port}") for one in hosts if one.role in ENTRIES)
    fronts = [one for one in probes_of(plan) if one.front]
    if not entries or not fronts:
        return []
    target = [{"targets": [f"https://{entries[0][1]}{fronts[0].path}"]}]
    labels = {"service": fronts[0].service, "module": fronts[0].service, "place": "lab"}
    jobs = exporter_jobs(plan, signals_of(plan).fed_by("endpoints"))
    for job in jobs:
        del job["file_sd_configs"]
        job |= {
            "scrape_interval": f"{max(PROBED, pace.sample):g}s",
            "scrape_timeout": f"{PROBED:g}s",
            "static_configs": [{**target[0], "labels": labels}],
        }
        job["relabel_configs"] = [
            {**one, "replacement": f"{watch.address}:{BLACKBOX}"} if one.get("target_label") == "__address__" else one
            for one in job["relabel_configs"]
        ]
    return jobs


def _blackbox(plan: Plan, room: Path) -> dict[str, Any]:
    """Its modules of production, which trust the lab's authority here."""
    document = blackbox(plan)
    for module in document["modules"].values():
        module["http"].setdefault("tls_config", {"ca_file": str(room / "authority.pem")})
    return document


def unrouted(root: Path) -> None:
    """Let Prometheus send its alerts to the keeper itself: the Alertmanager that was found does not run."""
    path = root / "etc/prometheus/prometheus.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(f":{ALERTMANAGER}", f":{WEBHOOK}"), encoding="utf-8")


def _alertmanager(plan: Plan, watch: Host, pace: Pace) -> dict[str, Any]:
    """Routes and silences as in production; every receiver is the keeper."""
    document = alertmanager(plan)
    hook = [{"url": f"http://{watch.address}:{WEBHOOK}/", "send_resolved": True}]
    short = {"group_wait": "0s", "group_interval": f"{pace.again:g}s"}
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
    if "blackbox-exporter" in found:
        command = (
            str(found["blackbox-exporter"]), f"--config.file={folder / 'blackbox.yml'}",
            f"--web.listen-address={watch.address}:{BLACKBOX}",
        )  # fmt: skip
        name = f"{watch.name}.blackbox-exporter"
        runs.append(
            Run(name, watch.name, command, str(root), str(logs / "blackbox.log"), watch.address, BLACKBOX, again=5.0)
        )
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
