"""What each host says of the promises it is there for, in a few words: how far a standby is behind, whom commits wait
for, whether the balancer sends users to a service, which alerts fire."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from standfast.worlds.lab.postgres import Unanswered
from standfast.worlds.lab.system import launch

if TYPE_CHECKING:
    from standfast.worlds.lab.system.databases import Cluster, Node
    from standfast.worlds.lab.system.world import SystemLab

BALANCED = 8404  # where HAProxy tells Prometheus
SERVER = re.compile(r'^haproxy_server_status\{proxy="[^"]*",server="([^"]*)",state="UP"\} ([01])', re.MULTILINE)
BEHIND = """SELECT application_name, sync_state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint
    FROM pg_stat_replication WHERE state = 'streaming' ORDER BY application_name"""
ALWAYS = {"Watchdog"}  # it fires as long as somebody watches
PATIENCE = 1.0  # seconds
MiB = 2**20


def tells(lab: SystemLab, states: Mapping[str, str]) -> dict[str, str]:
    """Host -> words; those that have nothing to say, or do not answer, are left out."""
    told: dict[str, str] = {}
    for cluster in lab.clusters():
        leader = next((node for node in cluster.nodes if states.get(node.name) == "leads"), None)
        if leader is not None:
            told |= _replication(cluster, leader, states)
    told |= _rotation(lab)
    alerts = _alerts(lab)
    if alerts is not None:
        watch = next(one.name for one in lab.hosts if one.role == "watch")
        told[watch] = f"fires: {', '.join(alerts)}" if alerts else "no alert"
    return told


def _replication(cluster: Cluster, leader: Node, states: Mapping[str, str]) -> dict[str, str]:
    others = [node.name for node in cluster.nodes if node is not leader]
    try:
        with leader.connect() as connection:
            rows = connection.execute(BEHIND).fetchall()
    except Unanswered:
        return {}
    behind = {name: max(0, int(lag or 0)) for name, _, lag in rows}
    waits = [name for name, sync, _ in rows if sync in ("sync", "quorum")]
    said = {name: f"{size(behind[name])} behind" if name in behind else NOT for name in others
            if states.get(name) == "follows"}  # fmt: skip
    first = f"commits wait for {' or '.join(waits)}" if waits else "commits wait for nobody"
    return {**said, leader.name: first if others else "alone"}


NOT = "does not stream"


def size(count: int) -> str:
    return f"{count / MiB:,.1f} MiB" if count >= MiB else f"{count / 1024:,.0f} KiB" if count >= 1024 else f"{count} B"


def _rotation(lab: SystemLab) -> dict[str, str]:
    """Whether the balancer sends requests to each service."""
    balancers = [one for one in lab.hosts if one.role == "balancer"]
    try:
        _, body = launch.get(balancers[0].address, BALANCED, "/metrics?scope=server", timeout=PATIENCE)
    except (OSError, IndexError, http.client.HTTPException):
        return {}
    found = SERVER.findall(body.decode(errors="replace"))
    return {name: "gets requests" if up == "1" else "gets no requests" for name, up in found}


def _alerts(lab: SystemLab) -> list[str] | None:
    """The names of the alerts that fire; None where nobody watches."""
    watch = next((run for run in lab.runs if run.name == run.host and run.ready == "/-/ready"), None)
    if watch is None:
        return None
    try:
        _, body = launch.get(watch.address, watch.port, "/api/v1/alerts", timeout=PATIENCE)
        told = json.loads(body)["data"]["alerts"]
        return sorted({one["labels"]["alertname"] for one in told if one["state"] == "firing"} - ALWAYS)
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return None
