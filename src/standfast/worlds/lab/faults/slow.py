"""A slow line between the balancer and some services: HAProxy is told to go through a proxy, while it runs."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from standfast.problem import Problem, Problems
from standfast.worlds.lab.binaries import User
from standfast.worlds.lab.services.builtin import python_path
from standfast.worlds.lab.system import launch
from standfast.worlds.lab.system.hosts import Host
from standfast.worlds.lab.system.launch import Run

if TYPE_CHECKING:
    from standfast.worlds.lab.system.world import SystemLab

PROXY, NAME, FIRST = "standfast.worlds.lab.faults.proxy", "slow-line", 20_000


def put_between(lab: SystemLab, hosts: Iterable[Host], seconds: float) -> None:
    """Each request to these services, and each answer, takes `seconds` longer."""
    hosts = list(hosts)
    take_away(lab)
    rules = [{"listen": [one.address, FIRST], "to": [one.address, one.port], "delay": seconds} for one in hosts]
    path = lab.folder / "slow.json"
    path.write_text(json.dumps(rules))
    run = Run(
        NAME, "", (sys.executable, "-m", PROXY, str(path)), str(lab.folder), str(lab.folder / "slow.log"),
        hosts[0].address, FIRST, environment=python_path(), unprivileged=False,
    )  # fmt: skip
    launch.wait_ready(run, launch.start(run, lab.room, User(), lab.records))
    for one in hosts:
        tell(lab, f"set server {one.component}/{one.name} addr {one.address} port {FIRST}")


def take_away(lab: SystemLab) -> None:
    for one in lab.hosts:
        if one.role == "service":
            tell(lab, f"set server {one.component}/{one.name} addr {one.address} port {one.port}")
    process = lab.records.one(NAME)
    if process is not None:
        launch.end_families([process])
    for name in ("slow.json", "slow.log", f"{launch.RECORDS}/{NAME}.json"):
        (lab.folder / name).unlink(missing_ok=True)


def tell(lab: SystemLab, command: str) -> str:
    """A command to every balancer's admin socket. Raises Problems where one does not listen."""
    said = ""
    for host in lab.hosts:
        if host.role == "balancer":
            path = lab.room / host.name / "run/haproxy/admin.sock"
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                    line.settimeout(5.0)
                    line.connect(str(path))
                    line.sendall(f"{command}\n".encode())
                    while got := line.recv(65536):
                        said += got.decode(errors="replace")
            except OSError as error:
                raise Problems([Problem(f"{host.name} takes no commands", str(error))]) from error
    return said
