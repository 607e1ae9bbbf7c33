"""What could serve each component in one region and number of zones: tables for the solver, and rows made choices.

Capacity rules. A service must carry its peak at the horizon with its cores at most `BUSY`, also while what its
spec promises to survive is gone: a zone if there is a promise for zones, else one instance if there is one for
instances. A database must hold its working set in memory and its growth on disk.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from standfast.clouds import Catalog
from standfast.plan.choice.tables import Table
from standfast.plan.cost import HOURS, line
from standfast.plan.model import CostLine
from standfast.plan.models.availability import Part, essential_parts, group, regional, spread
from standfast.plan.models.latency import Serving
from standfast.plan.models.load import Load
from standfast.plan.models.recovery import Facts, Held, system_recovery
from standfast.plan.predict import BUSY, Standing
from standfast.spec.model import DATABASES, Service, Store, System

SYSTEM_MEMORY = 0.5  # GiB of a server that its operating system and agents need
REDIS_RESERVED = 0.25  # of a cache node's memory, for backups and failover (ElastiCache "Managing reserved memory")
HEADROOM = 1.2  # of a database's disk over its data
LEAST_VCPU = 2  # of a server: the service, and beside it agents, deploys and somebody looking for a fault
DISK = 30  # GiB of a server's disk
LEAST_STORAGE = 20  # GiB: the least RDS sells
EXTRA = (0, 1, 2, 4)  # further servers per zone that are offered beside the least number, for latency
RETENTION_DAYS = 14
VERSIONS = {"postgres": "16", "mysql": "8.0", "redis": "7.1"}


@dataclass(frozen=True)
class Row:
    """One option, as the models and the bill see it."""

    offer: str
    count: int
    design: str
    standing: Standing
    lines: Callable[[], tuple[CostLine, ...]]
    size: Mapping[str, str | int | float | bool]


@dataclass(frozen=True)
class Options:
    """All options of one component in one group: the solver's table, and row number -> Row."""

    table: Table
    row: Callable[[int], Row]


def survivors(system: System, zones: int) -> str:
    """What must be gone without the peak suffering: `zone`, `instance` or `` (nothing)."""
    wanted = system.promises.reliability.recovery
    if "zone" in wanted and zones > 1:
        return "zone"
    return "instance" if wanted else ""


def of_service(system: System, service: Service, load: Load, catalog: Catalog, region: str, zones: int) -> Options:
    """Server type x count."""
    shelf = catalog.shelf(region, "server")
    fits = (shelf.memory >= service.memory + SYSTEM_MEMORY) & (shelf.vcpu >= LEAST_VCPU)
    power = shelf.vcpu * shelf.speed * BUSY
    least = np.maximum(1, np.ceil(load.cores / power)).astype(int)
    lost = survivors(system, zones)
    if lost == "zone":
        per_zone = np.ceil(least / (zones - 1)).astype(int)
    else:
        per_zone = np.ceil((least + (lost == "instance")) / zones).astype(int)
    rows = np.flatnonzero(fits & (per_zone <= 200))
    rows, extra = (grid.ravel() for grid in np.meshgrid(rows, EXTRA, indexing="ij"))
    count = (per_zone[rows] + extra) * zones
    needed = least[rows]
    disk = catalog.price(region, "disk.gp3.gb_month")
    cost = count * (shelf.usd_hour[rows] * HOURS + DISK * disk.usd)
    facts = _facts(
        system,
        np.column_stack([-count, needed]).astype(float),
        np.column_stack([-shelf.vcpu[rows], -shelf.speed[rows], -count]).astype(float),
    )
    design = "stateful" if service.stateful else "multi-zone" if zones > 1 else "single"
    if not _recovers(system, service.name, Held("server", design)):
        cost, facts = cost[:0], {name: one[:0] for name, one in facts.items()}
    instance = catalog.sla("server.single").uptime

    def row(at: int) -> Row:
        type_row, number = int(rows[at]), int(count[at])
        offer = shelf.offer(type_row)
        serving = Serving(offer.vcpu * number, offer.speed, number)
        standing = Standing(
            serving, group(spread(number, zones), int(needed[at]), instance), Held("server", design), False
        )
        quiet = max(zones, math.ceil(number * _quiet(system))) / number

        def lines() -> tuple[CostLine, ...]:
            return (
                line(f"{offer.name} servers", number * HOURS, offer.price, low=quiet),
                line("their disks", number * DISK, disk, low=quiet),
            )

        size = {
            "vcpu": offer.vcpu, "memory_gib": offer.memory, "arch": offer.arch,
            "min_count": max(zones, round(number * quiet)), "max_count": math.ceil(number * 1.5),
            "port": service.port, "disk_gib": DISK, "needed": int(needed[at]),
        }  # fmt: skip
        return Row(offer.name, number, design, standing, lines, size)

    return Options(Table(service.name, cost, facts), row)


def _facts(system: System, up: np.ndarray, fast: np.ndarray) -> dict[str, np.ndarray]:
    """What each requirement looks at: smaller is never worse. Every percentile looks at the same facts."""
    return {"availability": up, **dict.fromkeys(system.promises.performance.percentiles, fast)}


def _quiet(system: System) -> float:
    load = system.promises.scalability
    return min(1.0, load.average / load.at_horizon(load.peak)) if load.peak else 1.0


def of_database(system: System, store: Store, load: Load, catalog: Catalog, region: str, zones: int) -> Options:
    """Database class x single or with a standby in another zone."""
    parts = []
    for design in ("single", "multi-az-standby") if zones > 1 else ("single",):
        if _recovers(system, store.name, Held(store.kind, design, Facts(data=load.data))):
            shelf = catalog.shelf(region, store.kind + ("-multi-az" if design != "single" else ""))
            fits = (shelf.vcpu * shelf.speed * BUSY >= load.cores) & (shelf.memory >= load.hot + 1)
            fits &= ~shelf.burstable | (load.cores < 0.5)
            parts += [(design, shelf, int(row)) for row in np.flatnonzero(fits)]
    storage = max(LEAST_STORAGE, math.ceil(load.data * HEADROOM))
    storage = max(storage, 400) if load.iops > 3000 else storage  # gp3 gives 12,000 operations/s from 400 GiB on
    prices = {
        "single": catalog.price(region, "database.storage.gb_month"),
        "multi-az-standby": catalog.price(region, "database.storage_multi_az.gb_month"),
    }
    kept = catalog.price(region, "database.backup.gb_month")
    backups = load.data * 0.01 * RETENTION_DAYS
    cost = [
        shelf.usd_hour[row] * HOURS + storage * prices[design].usd + backups * kept.usd for design, shelf, row in parts
    ]
    facts = _facts(
        system,
        np.array([[float(design == "single")] for design, _, _ in parts]).reshape(-1, 1),
        np.array([[-shelf.vcpu[row], -shelf.speed[row]] for _, shelf, row in parts]).reshape(-1, 2),
    )

    def row(at: int) -> Row:
        design, shelf, number = parts[at]
        offer = shelf.offer(number)
        standing = Standing(
            Serving(offer.vcpu, offer.speed, 1),
            database_part(store.kind, design, catalog),
            Held(store.kind, design, Facts(data=load.data)),
        )

        def lines() -> tuple[CostLine, ...]:
            return (
                line(f"{offer.name} {'and its standby' if design != 'single' else ''}".strip(), HOURS, offer.price),
                line("disk", storage, prices[design]),
                line("backups beyond its size", backups, kept),
            )

        size = {
            "vcpu": offer.vcpu, "memory_gib": offer.memory, "arch": offer.arch, "storage_gib": storage,
            "iops": 12_000 if storage >= 400 else 3000, "storage_type": "gp3", "retention_days": RETENTION_DAYS,
            "engine_version": store.version or VERSIONS[store.kind],
        }  # fmt: skip
        return Row(offer.name, 1, design, standing, lines, size)

    return Options(Table(store.name, np.array(cost), facts), row)


def database_part(kind: str, design: str, catalog: Catalog) -> Part:
    """A managed database by its SLA, under that name: the time its failovers take is part of what it promises."""
    return regional(catalog.sla(f"{kind}.{'single' if design == 'single' else 'multi-az'}").uptime)


def of_cache(system: System, store: Store, load: Load, catalog: Catalog, region: str, zones: int) -> Options:
    """Cache node x one node or a replica in another zone."""
    shelf = catalog.shelf(region, "redis")
    fits = (shelf.memory * (1 - REDIS_RESERVED) >= load.data) & (shelf.vcpu * shelf.speed * BUSY >= load.cores)
    rows = np.flatnonzero(fits)
    parts = []
    for design in ("single", "replicated") if zones > 1 else ("single",):
        if _recovers(system, store.name, Held("redis", design, Facts(data=load.data))):
            parts += [(design, int(row)) for row in rows]
    nodes = {"single": 1, "replicated": 2}
    cost = np.array([nodes[design] * shelf.usd_hour[row] * HOURS for design, row in parts])
    facts = _facts(
        system,
        np.array([[float(design == "single")] for design, _ in parts]).reshape(-1, 1),
        np.array([[-shelf.vcpu[row], -shelf.speed[row]] for _, row in parts]).reshape(-1, 2),
    )

    def row(at: int) -> Row:
        design, number = parts[at]
        offer = shelf.offer(number)
        standing = Standing(
            Serving(offer.vcpu, offer.speed, 1),
            regional(catalog.sla(f"redis.{design}").uptime),
            Held("redis", design, Facts(data=load.data)),
        )

        def lines() -> tuple[CostLine, ...]:
            return (line(f"{offer.name} nodes", nodes[design] * HOURS, offer.price),)

        size = {
            "vcpu": offer.vcpu, "memory_gib": offer.memory, "arch": offer.arch, "retention_days": 7,
            "engine_version": store.version or VERSIONS["redis"],
        }  # fmt: skip
        return Row(offer.name, nodes[design], design, standing, lines, size)

    return Options(Table(store.name, cost, facts), row)


def of_objects(system: System, store: Store, load: Load, catalog: Catalog, region: str, zones: int) -> Options:
    """An object store comes in one way: regional, versioned."""
    kept, get, put = (catalog.price(region, f"objects.{item}") for item in ("gb_month", "get_1k", "put_1k"))
    asked = load.average * 730 * 3600 / 1000
    lines = (
        line("objects kept", load.data, kept),
        line("reads", asked, get, 0.5, 1.5),
        line("writes", asked * 0.05, put, 0.5, 1.5),
    )
    standing = Standing(
        Serving(), regional(catalog.sla("objects").uptime), Held("objects", "regional", Facts(data=load.data)),
        needed=False,
    )  # fmt: skip
    cost = np.array([sum(one.monthly.typical for one in lines)])
    facts = _facts(system, np.zeros((1, 0)), np.zeros((1, 0)))
    size = {"storage_gib": load.data, "versioned": True}
    row = Row("S3 Standard", 1, "regional", standing, lambda: lines, size)
    return Options(Table(store.name, cost, facts), lambda _at: row)


def of_component(system: System, name: str, load: Load, catalog: Catalog, region: str, zones: int) -> Options:
    part = system.component(name)
    if isinstance(part, Service):
        return of_service(system, part, load, catalog, region, zones)
    make = of_cache if part.kind == "redis" else of_objects if part.kind == "objects" else of_database
    assert part.kind in DATABASES or make is not of_database
    return make(system, part, load, catalog, region, zones)


def _recovers(system: System, name: str, held: Held) -> bool:
    """Whether this design keeps every recovery promise by itself (the system's is the worst of its parts)."""
    return not broken_by(system, name, held)


def broken_by(system: System, name: str, held: Held) -> str:
    """The first recovery promise a design breaks, as `zone.rto`; "" where it breaks none."""
    for disruption, wanted in system.promises.reliability.recovery.items():
        found = system_recovery({name: held}, essential_parts(system) & {name}, disruption)
        for key, declared, value in (("rto", wanted.rto, found.rto), ("rpo", wanted.rpo, found.rpo)):
            if declared is not None and (value is None or value > declared + 1e-9):
                return f"{disruption}.{key}"
    return ""
