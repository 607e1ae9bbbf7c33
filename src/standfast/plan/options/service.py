"""What could run a service: servers of its own, containers on the cloud's platform, or pods on a cluster's nodes.

Capacity rule: it carries its peak at the horizon with its cores at most `BUSY`, also while what its spec promises to
survive is gone: a zone if there is a promise for zones, else one instance if there is one for instances.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from standfast.clouds import Price, Shelf, own
from standfast.plan.choice.tables import Table
from standfast.plan.cost import DISK, HOURS, line
from standfast.plan.model import CostLine
from standfast.plan.models.availability import Part, at_least, group, single, spread
from standfast.plan.models.latency import Serving
from standfast.plan.models.load import Load
from standfast.plan.options import cluster
from standfast.plan.options.model import Options, Row, facts, none, sla
from standfast.plan.options.recovering import backup_hours, held, recovers, survivors
from standfast.plan.place import Place
from standfast.plan.predict import BUSY, Standing
from standfast.spec.model import Assumption, Service, System

SYSTEM_MEMORY = 0.5  # GiB of a server that its operating system and agents need
LEAST_VCPU = 2  # of a server: the service, and beside it agents, deploys and somebody looking for a fault
EXTRA = (0, 1, 2, 4)  # further instances per zone that are offered beside the least number, for latency
MOST_PER_ZONE = 200
CONTAINER_VCPU = (0.5, 1.0, 2.0, 4.0)  # sizes that Fargate, Container Apps and Cloud Run all sell
MEMORY_PER_VCPU = (2.0, 8.0)  # GiB: least and most beside a vCPU; Fargate's sizes, which the other two allow


@dataclass(frozen=True)
class Machines:
    """What instances of a service could be, as columns (n,): size, relative speed, USD a month each."""

    name: np.ndarray
    vcpu: np.ndarray
    memory: np.ndarray
    speed: np.ndarray
    monthly: np.ndarray
    lines: Callable[[int, int, float], tuple[CostLine, ...]]  # row, count, share of it in a quiet month -> bill
    arch: Callable[[int], str]
    kind: str


def of_service(system: System, service: Service, load: Load, place: Place) -> Options:
    """Machine x count."""
    design = "stateful" if service.stateful else "multi-zone" if place.zones > 1 else "single"
    kept = held("server", design, place)
    if service.stateful:
        kept = held("server", design, place, DISK, backup_hours(system) * 3600.0)
    if not recovers(system, service.name, kept) or (service.stateful and place.shape != "vm"):
        return none(system, service.name, place.zones + 1, 3)
    machines = offered(service.memory, place)
    least, per_zone = counts(system, load.cores, machines.vcpu * machines.speed, place.zones)
    if service.stateful:  # one disk, so one server
        rows = np.flatnonzero(least == 1)
        count = needed = np.ones(len(rows), dtype=int)
    else:
        fits = np.flatnonzero(per_zone <= MOST_PER_ZONE)
        rows = fits.repeat(len(EXTRA))
        count, needed = (per_zone[fits, None] + EXTRA).ravel() * place.zones, least[rows]
    columns = facts(
        system,
        np.full((len(rows), 1), 1 - sla(place, "server.single")) if service.stateful else away(count, needed, place),
        np.column_stack([-machines.speed[rows], -machines.vcpu[rows], -count * machines.vcpu[rows]]).astype(float),
    )
    peak = system.promises.scalability
    share = min(1.0, peak.average / peak.at_horizon(peak.peak)) if peak.peak else 1.0
    committed = own.term_of(place.catalog) != "on-demand"  # then every hour is paid for, used or not

    def row(at: int) -> Row:
        one, number = int(rows[at]), int(count[at])
        vcpu, memory, speed = (float(column[one]) for column in (machines.vcpu, machines.memory, machines.speed))
        part = single(sla(place, "server.single")) if service.stateful else instances(number, int(needed[at]), place)
        standing = Standing(Serving(vcpu * number, speed, number), part, kept)
        zones = min(number, place.zones)
        quiet = max(zones, math.ceil(number * share)) / number
        size = {
            "vcpu": vcpu, "memory_gib": memory, "arch": machines.arch(one),
            "min_count": max(zones, round(number * quiet)),
            "max_count": 1 if service.stateful else math.ceil(number * 1.5),
            "port": service.port, "disk_gib": DISK, "needed": int(needed[at]),
        }  # fmt: skip
        name = str(machines.name[one])
        return Row(
            name,
            number,
            zones,
            design,
            standing,
            lambda: machines.lines(one, number, 1.0 if committed else quiet),
            size,
        )

    return Options(Table(service.name, count * machines.monthly[rows], columns), row)


NEGLIGIBLE = 1e-7  # of the time: options are not told apart by less, which is rounded up against them


def away(count: np.ndarray, needed: np.ndarray, place: Place) -> np.ndarray:
    """The chance that too few are up while 0, 1 … zones are, (n, zones + 1); `count` is a multiple of the zones."""
    each, wide = count // place.zones, int(needed.max(initial=0)) + 1
    pairs, back = np.unique(each * wide + needed, return_inverse=True)  # pairs as one number sort far faster
    up = instances(place.zones, 1, place).instance
    chance = np.array([_too_few(*divmod(int(pair), wide), place.zones, up) for pair in pairs])
    return chance.reshape(-1, place.zones + 1)[back]


@lru_cache(maxsize=4096)
def _too_few(each: int, needed: int, zones: int, up: float) -> tuple[float, ...]:
    """The chance that fewer than `needed` are up while 0, 1 … zones are, with `each` in a zone."""
    away = (1 - at_least(needed, each * there, up) for there in range(zones + 1))
    return tuple(min(1.0, max(0.0, math.ceil(chance / NEGLIGIBLE - 1e-3) * NEGLIGIBLE)) for chance in away)


def instances(count: int, needed: int, place: Place) -> Part:
    """Equal instances over the zones of a place."""
    return group(spread(count, place.zones), needed, sla(place, "server.single"))


def counts(system: System, cores: float | np.ndarray, power: np.ndarray, zones: int) -> tuple[np.ndarray, np.ndarray]:
    """Instances needed at the peak, and instances to have in each zone, for machines of this power (n,).

    `cores` are reference cores kept busy at the peak; with a column of them (m, 1) the answers are (m, n).
    """
    least = np.maximum(1, np.ceil(cores / (power * BUSY) - 1e-9)).astype(int)
    lost = survivors(system, zones)
    if lost == "zone":
        return least, np.ceil(least / (zones - 1)).astype(int)
    return least, np.ceil((least + (lost == "instance")) / zones).astype(int)


def offered(memory: float, place: Place) -> Machines:
    """The machines of a place's shape that hold a service of so much memory, GiB."""
    if place.shape == "container":
        return _containers(memory, place)
    shelf = place.catalog.shelf(place.region.name, "server")
    if place.shape == "kubernetes":
        return _pods(memory, shelf, cluster.node(place))
    return _servers(memory, shelf, place.catalog.price(place.region.name, "disk.gp3.gb_month"))


def _servers(memory: float, shelf: Shelf, disk: Price) -> Machines:
    fits = np.flatnonzero((shelf.memory >= memory + SYSTEM_MEMORY) & (shelf.vcpu >= LEAST_VCPU))

    def lines(row: int, count: int, quiet: float) -> tuple[CostLine, ...]:
        offer = shelf.offer(int(fits[row]))
        return (
            line(f"{offer.name} servers", count * HOURS, offer.price, low=quiet),
            line("their disks", count * DISK, disk, low=quiet),
        )

    return Machines(
        shelf.name[fits], shelf.vcpu[fits], shelf.memory[fits], shelf.speed[fits],
        shelf.usd_hour[fits] * HOURS + DISK * disk.usd, lines, lambda row: str(shelf.arch[fits[row]]), "server",
    )  # fmt: skip


def _containers(needed: float, place: Place) -> Machines:
    """Sizes of the cloud's container platform; its cores are taken as the slower half of the cloud's servers."""
    cpu, memory = (place.catalog.price(place.region.name, f"container.{item}_hour") for item in ("vcpu", "gb"))
    vcpu = np.array(CONTAINER_VCPU)
    low, high = MEMORY_PER_VCPU
    held_memory = np.ceil(np.maximum(vcpu * low, needed))
    fits = np.flatnonzero(held_memory <= vcpu * high)
    vcpu, held_memory = vcpu[fits], held_memory[fits]
    speed = np.full(len(vcpu), container_speed(place))
    name = np.array([f"{v:g} vCPU, {m:g} GiB" for v, m in zip(vcpu, held_memory, strict=True)], dtype=object)

    def lines(row: int, count: int, quiet: float) -> tuple[CostLine, ...]:
        return (
            line("containers: vCPU", count * HOURS * float(vcpu[row]), cpu, low=quiet),
            line("containers: memory", count * HOURS * float(held_memory[row]), memory, low=quiet),
        )

    monthly = (vcpu * cpu.usd + held_memory * memory.usd) * HOURS
    return Machines(name, vcpu, held_memory, speed, monthly, lines, lambda row: "x86_64", "container")


def container_speed(place: Place) -> float:
    """A container platform does not say what it runs on: the lower quartile of the cloud's x86 servers there."""
    shelf = place.catalog.shelf(place.region.name, "server")
    steady = shelf.speed[~shelf.burstable & (shelf.arch == "x86_64")]
    return float(np.quantile(steady, 0.25)) if len(steady) else 0.5


def assumed(place: Place) -> tuple[Assumption, ...]:
    """What a shape of compute rests on that nobody declares."""
    if place.shape == "container":
        value = f"{container_speed(place):.2f} of the reference core"
        ground = "the platform does not say what it runs on: the lower quartile of the cloud's x86 servers"
        return (Assumption("containers: speed of a vCPU", value, ground),)
    if place.shape == "kubernetes":
        value = f"{cluster.ALLOCATABLE:.0%} of a node"
        return (Assumption("kubernetes: left for pods", value, "the system, daemons and eviction take the rest"),)
    return ()


def _pods(needed: float, shelf: Shelf, node: int) -> Machines:
    """Shares of a node, by what it asks most of: cores or memory."""
    offer = shelf.offer(node)
    vcpu = np.array([size for size in CONTAINER_VCPU if size <= offer.vcpu * cluster.ALLOCATABLE])
    memory = np.full(len(vcpu), needed)
    share = np.maximum(vcpu / offer.vcpu, memory / offer.memory) / cluster.ALLOCATABLE
    fits = np.flatnonzero(share <= 1)
    vcpu, memory, share = vcpu[fits], memory[fits], share[fits]
    name = np.array([f"pod of {v:g} vCPU on {offer.name}" for v in vcpu], dtype=object)

    def lines(row: int, count: int, quiet: float) -> tuple[CostLine, ...]:
        return (line(f"share of {offer.name} nodes", count * HOURS * float(share[row]), offer.price, low=quiet),)

    speed = np.full(len(vcpu), offer.speed)
    return Machines(name, vcpu, memory, speed, share * offer.price.usd * HOURS, lines, lambda row: offer.arch, "pod")
