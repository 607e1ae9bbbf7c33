"""What could hold a store: a managed database or cache by class and design, an object store.

A database must carry its peak with its cores at most `BUSY`, hold its working set and its connections in memory, and
its growth on disk, and its disk must do the operations.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from standfast.clouds import Catalog, Shelf
from standfast.plan.choice.tables import Table
from standfast.plan.cost import HOURS, line
from standfast.plan.model import CostLine
from standfast.plan.models.availability import regional
from standfast.plan.models.latency import Serving
from standfast.plan.models.load import CPU, READ_IOPS, WRITE_IOPS, Load
from standfast.plan.options.model import Options, Row, facts, none, sla
from standfast.plan.options.recovering import held, recovers
from standfast.plan.place import Place
from standfast.plan.predict import BUSY, Standing
from standfast.plan.retention import moments
from standfast.spec.model import Store, System

REDIS_RESERVED = 0.25  # of a cache node's memory, for backups and failover (ElastiCache "Managing reserved memory")
HEADROOM = 1.2  # of a database's disk over its data
LEAST_STORAGE = 20  # GiB: the least RDS sells
REPLICAS = (0, 1, 2, 3)  # read replicas that are offered
SHELVES = {"single": "{}", "multi-az-standby": "{}-multi-az", "replicated": "{}-replicated"}  # where a design is sold
VERSIONS = {"postgres": "16", "mysql": "8.0", "redis": "7.1"}
SERVER_MEMORY = 1.0  # GiB of a database's memory that is neither working set nor connections
PER_CONNECTION = 0.01  # GiB: PostgreSQL's own process and work_mem, as RDS reckons max_connections (9.5 MiB each)
# General-purpose disks (RDS User Guide "Amazon RDS DB instance storage", gp3): 3,000 operations/s below 400 GiB, 12,000
# from there on, which is what this plan buys; more would have to be provisioned beside it.
BASE_IOPS, LARGE_IOPS, LARGE_DISK = 3000, 12_000, 400
# ElastiCache guide, "Global datastores: prerequisites" (2026): m5, r5 and newer, so none that is burstable
STEADY_CACHES = ("aws",)
STEADY_REPLICAS = ("azure",)  # Azure docs, "Read replicas" (2026): a burstable server neither follows nor is followed
BURSTABLE_CORES = 0.5  # reference cores kept busy at the peak, above which a burstable database is not offered


def designs(kind: str, place: Place) -> tuple[str, ...]:
    """The designs of a kind of store that a place has the zones for."""
    if place.zones < 2:
        return ("single",)
    return ("single", "replicated" if kind == "redis" else "multi-az-standby")


def uptime(store: Store, design: str, place: Place) -> float:
    """What the cloud promises for a store of this design."""
    return sla(place, f"{store.kind}.{'multi-az' if design == 'multi-az-standby' else design}")


def of_database(system: System, store: Store, load: Load, place: Place, followed: bool = False) -> Options:
    """Database class x single or with a standby in another zone x read replicas, where the spec allows them.

    `followed`: it is a replica, or it has one in another region.
    """
    catalog, region = place.catalog, place.region.name
    followed |= place.standby is not None and place.standby.replicates
    if load.iops > LARGE_IOPS and not store.read_replicas:
        return none(system, store.name, 1, 3)
    parts: list[tuple[str, Shelf, int, int, float]] = []  # design, class, replicas, USD an hour of each replica
    single = catalog.shelf(region, SHELVES["single"].format(store.kind))
    alone = dict(zip(single.name, single.usd_hour, strict=True))
    for design in designs(store.kind, place):
        if not recovers(system, store.name, held(store.kind, design, place, load.data)):
            continue
        shelf = catalog.shelf(region, SHELVES[design].format(store.kind))
        for replicas in REPLICAS if store.read_replicas else (0,):
            each = shared(store.kind, load, replicas)
            if each.iops <= LARGE_IOPS:
                steady = place.cloud in STEADY_REPLICAS and (followed or replicas > 0)
                fits = (int(row) for row in np.flatnonzero(carries(each, shelf) & ~(shelf.burstable & steady)))
                known = ((row, float(alone.get(shelf.name[row], np.inf))) for row in fits)
                parts += [(design, shelf, row, replicas, usd) for row, usd in known if not replicas or usd < np.inf]
    storage = {replicas: disk(shared(store.kind, load, replicas)) for replicas in REPLICAS}
    prices = {
        "single": catalog.price(region, "database.storage.gb_month"),
        "multi-az-standby": catalog.price(region, "database.storage_multi_az.gb_month"),
    }
    kept = catalog.price(region, "database.backup.gb_month")
    days = moments(system, place.cloud)
    backups = load.data * 0.01 * days
    cost = [
        shelf.usd_hour[row] * HOURS + storage[n] * prices[design].usd + backups * kept.usd
        + (n * (usd * HOURS + storage[n] * prices["single"].usd) if n else 0.0)
        for design, shelf, row, n, usd in parts
    ]  # fmt: skip

    def cores(shelf: Shelf, row: int, replicas: int) -> float:
        """vCPU that the load sees: each replica repeats every write."""
        return float(shelf.vcpu[row]) * (load.cores / shared(store.kind, load, replicas).cores if replicas else 1.0)

    columns = facts(
        system,
        np.array([[1 - uptime(store, design, place)] for design, *_ in parts]).reshape(-1, 1),
        np.array([
            [-shelf.speed[row], -cores(shelf, row, n) / (1 + n), -cores(shelf, row, n)] for _, shelf, row, n, _ in parts
        ]).reshape(-1, 3),
    )  # fmt: skip

    def row(at: int) -> Row:
        design, shelf, number, replicas, _ = parts[at]
        offer = shelf.offer(number)
        standing = Standing(
            Serving(cores(shelf, number, replicas), offer.speed, 1 + replicas),
            regional(uptime(store, design, place)),
            held(store.kind, design, place, load.data),
        )

        def lines() -> tuple[CostLine, ...]:
            of = f"{offer.name} {'' if design == 'single' else 'and its standby'}".strip()
            found = [line(of, HOURS, offer.price), line("disk", storage[replicas], prices[design])]
            if replicas:
                price = single.offer(int(np.flatnonzero(single.name == offer.name)[0])).price
                found.append(line(f"{replicas} × read replica", replicas * HOURS, price))
                found.append(line("disks of the replicas", replicas * storage[replicas], prices["single"]))
            return (*found, line("backups beyond its size", backups, kept))

        size = {
            "vcpu": offer.vcpu, "memory_gib": offer.memory, "arch": offer.arch, "storage_gib": storage[replicas],
            "iops": LARGE_IOPS if storage[replicas] >= LARGE_DISK else BASE_IOPS, "storage_type": "gp3",
            "retention_days": days, "engine_version": store.version or VERSIONS[store.kind],
        }  # fmt: skip
        if replicas:
            size["read_replicas"] = replicas
        return Row(offer.name, 1 + replicas, 1 if design == "single" else 2, design, standing, lines, size)

    return Options(Table(store.name, np.array(cost), columns), row)


def shared(kind: str, load: Load, replicas: int) -> Load:
    """What one of them carries when reads are spread over a primary and its replicas; each repeats every write."""
    if not replicas:
        return load
    reads, share = load.reads / (1 + replicas), 1 / (1 + replicas)
    per_read, per_write = CPU[kind]
    return replace(
        load,
        cores=reads * per_read + load.writes * per_write,
        iops=reads * READ_IOPS + load.writes * WRITE_IOPS,
        connections=math.ceil(load.connections * share),
    )


def carries(load: Load, shelf: Shelf) -> np.ndarray:
    """Which classes carry the load, (n,) of bool."""
    memory = load.hot + load.connections * PER_CONNECTION + SERVER_MEMORY
    fits = (shelf.vcpu * shelf.speed * BUSY >= load.cores) & (shelf.memory >= memory)
    return fits & (~shelf.burstable | (load.cores < BURSTABLE_CORES))


def disk(load: Load) -> int:
    """GiB of a database's disk: its data with room to grow, and large enough for its operations."""
    storage = max(LEAST_STORAGE, math.ceil(load.data * HEADROOM))
    return max(storage, LARGE_DISK) if load.iops > BASE_IOPS else storage


def of_cache(system: System, store: Store, load: Load, place: Place) -> Options:
    """Cache node x one node or a replica in another zone. One that is followed is of the class of its copy."""
    parts: list[tuple[str, Shelf, int]] = []
    behind = place.standby if store.name in system.essential and place.offsite("redis") is not None else None
    one = copy_of(load, behind.catalog, behind.region.name) if behind else None
    for design in designs("redis", place):
        if recovers(system, store.name, held("redis", design, place, load.data)):
            shelf = place.catalog.shelf(place.region.name, SHELVES[design].format("redis"))
            fits = holds(load, shelf) if one is None else holds(load, shelf) & (shelf.name == one)
            parts += [(design, shelf, int(row)) for row in np.flatnonzero(fits)]
    cost = np.array([shelf.usd_hour[row] * HOURS for _, shelf, row in parts])
    columns = facts(
        system,
        np.array([[1 - uptime(store, design, place)] for design, _, _ in parts]).reshape(-1, 1),
        np.array([[-shelf.speed[row], -shelf.vcpu[row]] for _, shelf, row in parts]).reshape(-1, 2),
    )

    def row(at: int) -> Row:
        design, shelf, number = parts[at]
        nodes = 1 if design == "single" else 2
        offer = shelf.offer(number)
        standing = Standing(
            Serving(offer.vcpu, offer.speed, 1), regional(uptime(store, design, place)),
            held("redis", design, place, load.data),
        )  # fmt: skip

        def lines() -> tuple[CostLine, ...]:
            return (line(f"{offer.name} {'node' if nodes == 1 else 'and its replica'}", HOURS, offer.price),)

        size = {
            "vcpu": offer.vcpu, "memory_gib": offer.memory, "arch": offer.arch, "retention_days": 7,
            "engine_version": store.version or VERSIONS["redis"],
        }  # fmt: skip
        return Row(offer.name, nodes, nodes, design, standing, lines, size)

    return Options(Table(store.name, cost, columns), row)


def copy_of(load: Load, catalog: Catalog, region: str) -> str:
    """The class of a copy in another region: the cheapest that holds it and may be copied to; "" where none is sold.

    Both ends must be of one class (ElastiCache "Global datastores: prerequisites"; Azure Managed Redis "Configure
    active geo-replication"), and the copy's price is the standby's: so the copy decides (decision 0097).
    """
    shelf = catalog.shelf(region, SHELVES["single"].format("redis"))
    fits = holds(load, shelf) & ~(shelf.burstable & (catalog.cloud in STEADY_CACHES))
    return str(shelf.name[fits][shelf.usd_hour[fits].argmin()]) if fits.any() else ""


def holds(load: Load, shelf: Shelf) -> np.ndarray:
    """Which cache nodes hold the data and carry the load, (n,) of bool."""
    return (shelf.memory * (1 - REDIS_RESERVED) >= load.data) & (shelf.vcpu * shelf.speed * BUSY >= load.cores)


def of_objects(system: System, store: Store, load: Load, place: Place) -> Options:
    """An object store comes in one way: regional, versioned."""
    if not recovers(system, store.name, kept_as := held("objects", "regional", place, load.data)):
        return none(system, store.name, 1, 0)
    kept, get, put = (
        place.catalog.price(place.region.name, f"objects.{item}") for item in ("gb_month", "get_1k", "put_1k")
    )
    asked = load.average * HOURS * 3600 / 1000
    lines = (
        line("objects kept", load.data, kept),
        line("reads", asked, get, 0.5, 1.5),
        line("writes", asked * 0.05, put, 0.5, 1.5),
    )
    standing = Standing(Serving(), regional(sla(place, "objects")), kept_as)
    cost = np.array([sum(one.monthly.typical for one in lines)])
    columns = facts(system, np.array([[1 - sla(place, "objects")]]), np.zeros((1, 0)))
    size = {"storage_gib": load.data, "versioned": True}
    row = Row(place.catalog.product("objects"), 1, place.zones, "regional", standing, lambda: lines, size)
    return Options(Table(store.name, cost, columns), lambda _at: row)
