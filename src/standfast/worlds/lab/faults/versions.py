"""Deploys in the lab: a service's next version, host by host, behind a gate that asks for its health."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.problem import Problems
from standfast.worlds.lab.system import launch
from standfast.worlds.lab.system.hosts import Host
from standfast.worlds.shared_memory import forget

if TYPE_CHECKING:
    from standfast.worlds.lab.system.world import SystemLab

GATE = 3.0  # seconds in which a new version must say that it is healthy
KEPT = "service.json.before"


def deploy(lab: SystemLab, hosts: Iterable[Host], gate: bool, **wrong: Any) -> list[str]:
    """Put the version with something `wrong` on one host after the other. Returns the hosts that have it."""
    reached = []
    for host in hosts:
        path, before = _files(lab, host)
        told = json.loads(path.read_text(encoding="utf-8"))
        if not before.exists():
            before.write_text(json.dumps(told, indent=1) + "\n")
        path.write_text(json.dumps({**told, "version": "2", **wrong}, indent=1) + "\n")
        _use(lab, "stand_ins", host)
        reached.append(host.name)
        if not restart(lab, host, GATE) and gate:
            break  # the rest keep the version that is known to be good
    return reached


def roll_back(lab: SystemLab, service: str) -> None:
    """The version before, on every host that has the new one. Raises Problems where it does not come up."""
    for host in lab.hosts:
        if host.component == service and host.role == "service":
            path, before = _files(lab, host)
            if before.exists():
                path.write_text(before.read_text(encoding="utf-8"))
                before.unlink()
                _use(lab, "commands", host)
                restart(lab, host, launch.PATIENCE)


def _use(lab: SystemLab, kept: str, host: Host) -> None:
    """A program of others has no version of ours: what goes wrong in its place is the built-in service."""
    run = next((one for one in lab.state.get(kept, ()) if one["name"] == host.name), None)
    if run is not None:
        lab.state["runs"] = [run if one["name"] == host.name else one for one in lab.state["runs"]]
        lab.save()


def _files(lab: SystemLab, host: Host) -> tuple[Path, Path]:
    folder = lab.room / host.name / "etc"
    return folder / "service.json", folder / KEPT


def restart(lab: SystemLab, host: Host, patience: float, more: Mapping[str, str] | None = None) -> bool:
    """End the program of a host in good order and start it again, told `more` by its environment. Whether it came up
    healthy."""
    run = next(one for one in lab.runs if one.name == host.name)
    run = replace(run, environment={**run.environment, **(more or {})})
    process = lab.records.one(host.name)
    if process is not None:
        process.signal(signal.SIGTERM)
        process.gone_within(10.0)
        process.end()
        forget([process])
    started = launch.start(run, lab.room, lab.site().user, lab.records)
    try:
        launch.wait_ready(run, started, patience=patience)
    except Problems:
        return False
    return True
