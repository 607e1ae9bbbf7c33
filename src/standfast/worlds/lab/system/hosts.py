"""Which hosts the lab has: those of the Ansible inventory, the object stores, and the one that watches."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from standfast.code.ansible.groups import groups_of, lab_hosts
from standfast.plan import Plan
from standfast.problem import Problem, Problems
from standfast.worlds.lab.addresses import holder

TRIES = 24
CLAIM = (250, 20_001)  # the last part of the address, and the port, that a lab takes while it is built
ROLES = {"postgres": "database", "redis": "cache"}  # a kind of group -> role of its hosts; else the kind itself
PORTS = {"database": 5432, "cache": 6379, "balancer": 8443, "edge": 8443, "objects": 9000, "watch": 9090}
MORE = {  # other ports that something of a host may listen on
    "balancer": (8404, 9100),
    "database": (9187,),
    "cache": (9121,),
    "watch": (9093, 9099, 9115, 6514, 4318),
}
WATCH = "watch"
EVERYWHERE = "all"  # the zone of what the cloud itself keeps over all zones: balancer, edge, objects


@dataclass(frozen=True)
class Host:
    """`role`: balancer, edge, service, database, cache, objects or watch; `port`: the one that callers use."""

    name: str
    component: str
    role: str
    zone: str
    address: str
    port: int


def lab_system(plan: Plan) -> tuple[tuple[Host, ...], tuple[Problem, ...]]:
    """The hosts of a plan, and what of the plan the lab has no program for. Raises Problems."""
    groups = groups_of(plan)
    named = lab_hosts(plan, groups)
    ports = {service.name: service.port for service in plan.system.services}
    hosts = []
    for one in named:
        role = ROLES.get(one.group.kind, one.group.kind)
        zone = one.zone if role in ("database", "cache", "service") else EVERYWHERE
        port = ports[one.group.component] if role == "service" else PORTS[role]
        hosts.append(Host(one.name, one.group.component, role, zone, one.address, port))
    network = named[0].address.rpartition(".")[0] if named else "127.64.1"
    buckets = [store.name for store in plan.system.stores if store.kind == "objects"]
    for name in buckets:
        hosts.append(Host(f"{name}-1", name, "objects", EVERYWHERE, _next(network, hosts), PORTS["objects"]))
    hosts.append(Host(f"{WATCH}-1", WATCH, "watch", EVERYWHERE, _next(network, hosts), PORTS["watch"]))
    absent = [
        Problem(
            f"{store.name} is not in the lab",
            "no MySQL server comes as a package of Python, and the roles have none",
            "measure it elsewhere; here it is not called",
            store.place,
            warning=True,
        )
        for store in plan.system.stores
        if store.kind == "mysql"
    ]
    return tuple(hosts), tuple(absent)


def _next(network: str, hosts: list[Host]) -> str:
    return f"{network}.{11 + len(hosts)}"


def placed(hosts: Iterable[Host], folder: Path) -> tuple[tuple[Host, ...], socket.socket]:
    """The hosts on a network of 127/8 where nothing listens yet: that of the inventory, else one from the folder's
    name; and a socket that keeps another lab away from it until these listen. Raises Problems when all is taken."""
    hosts = tuple(hosts)
    first = 0
    for network in _networks(hosts, folder):
        moved = tuple(replace(one, address=f"{network}.{one.address.rpartition('.')[2]}") for one in hosts)
        claim = _claimed(network)
        if claim is None:
            continue
        taken = next((port for one in moved for port in ports(one) if not _free(one.address, port)), 0)
        if not taken:
            return moved, claim
        claim.close()
        first = first or taken
    who = holder(first) if first else ""
    why = f"{who or 'something'} listens on port {first or CLAIM[1]}{' of every address' if who else ''}; "
    why += f"{TRIES} networks below 127.0.0.0/8 were tried"
    fix = "end it, or let it listen on one address alone; see who listens with: ss -ltnp"
    raise Problems([Problem("no free loopback addresses for the lab", why, fix)])


def ports(host: Host) -> tuple[int, ...]:
    return (host.port, *MORE.get(host.role, ()))


def _networks(hosts: tuple[Host, ...], folder: Path) -> Iterator[str]:
    yield hosts[0].address.rpartition(".")[0]
    name = os.fsencode(folder.resolve())
    for attempt in range(1, TRIES):
        seed = hashlib.sha256(name + b"%d" % attempt).digest()
        yield f"127.{64 + seed[0] % 190}.{1 + seed[1] % 254}"


def _claimed(network: str) -> socket.socket | None:
    claim = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        claim.bind((f"{network}.{CLAIM[0]}", CLAIM[1]))
        claim.listen(1)
    except OSError:
        claim.close()
        return None
    return claim


def _free(address: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # only listeners count
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
