"""What stands in another region for the day the first is lost, what it costs, and which regions may hold it.

    backup         a copy of the daily backups; everything is built anew from the code
    log-shipping   the same, and the databases' logs as they are archived
    pilot-light    a running replica of each database; the rest is built anew
    warm-standby   that, and a small copy of everything else, which grows when it is needed
    active-active  that at full size and serving: no region is waited for

The standby is planned by itself: it carries the same load with what is cheapest in its own region, and so its cost
depends on the region alone; between clouds only the price of the traffic differs. The other region may be on another
cloud where `rules.clouds` has several: databases then replicate by the engine's own (logical) replication.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from standfast.clouds import Catalog, Price, Region
from standfast.clouds.pairs import SHIPS_LOGS, copies_backups, copies_caches
from standfast.plan.cost import DAILY_CHANGE, DISK, HOURS, line, used
from standfast.plan.model import Choice, CostLine
from standfast.plan.models.load import Load
from standfast.plan.options import Row, of_component
from standfast.plan.options.service import Machines, counts, offered
from standfast.plan.options.store import copy_of, of_database
from standfast.plan.place import CACHES, DESIGNS, Place, Standby
from standfast.plan.retention import longest
from standfast.spec.model import DATABASES, Service, Store, System

WARM = 0.25  # of the full size that a warm standby runs at
MONTH_DAYS = 30.4
ZONES = 2  # of a standby that runs services


# The plan's own parts that stand there too, from which design on.
OWN = {
    "backup": ("keys", "secrets", "backup", "logs"),
    "pilot-light": ("network",),
    "warm-standby": ("balancer", "dns", "waf"),
}


class NotSold(Exception):
    """Something that a standby needs is not sold in its region."""


def possible(system: System, first: Place, one: Standby) -> bool:
    """Whether a first place can have this standby: managed backups stay on their cloud, and go where it sends them."""
    cloud, other = first.cloud, one.catalog.cloud
    if (cloud, first.region.name) == (other, one.region.name):
        return False
    holding = any(store.kind == "redis" and store.name in system.essential for store in system.stores)
    if holding and cloud == other and (cloud, one.design) in CACHES:
        return copies_caches(cloud, first.region.name, one.region.name)
    if one.design not in ("backup", "log-shipping") or not any(store.kind in DATABASES for store in system.stores):
        return True
    shipped = one.design == "backup" or cloud in SHIPS_LOGS
    return cloud == other and shipped and copies_backups(cloud, first.region.name, one.region.name)


def lines(system: System, load: Mapping[str, Load], catalog: Catalog, region: Region, design: str) -> list[CostLine]:
    """What a standby costs in its own region. Raises NotSold where it cannot stand there."""
    name, running = region.name, DESIGNS.index(design)
    place = stands(Standby(design, catalog, region))
    databases = [store for store in system.stores if store.kind in DATABASES]
    caches = [store for store in system.stores if store.kind == "redis"]
    found = [
        line(f"{store.name}: copy of the objects", load[store.name].data, catalog.price(name, "objects.gb_month"))
        for store in system.stores
        if store.kind == "objects"
    ]
    if databases and running < DESIGNS.index("pilot-light"):
        kept = sum(load[store.name].data for store in databases) * (1 + DAILY_CHANGE * longest(system))
        found.append(line("copies of the backups", kept, catalog.price(name, "backup.offsite.gb_month")))
    if running >= DESIGNS.index("pilot-light"):
        found += [bought for store in databases for bought in _least(system, store, load, place)]
    if running >= DESIGNS.index("warm-standby"):
        found += [bought for store in caches for bought in _least(system, store, load, place)]
        found += _services(system, load, place, 1.0 if design == "active-active" else WARM)
        found.append(line("balancer", HOURS, catalog.price(name, "balancer.hour")))
        found.append(line("NAT gateways", place.zones * HOURS, catalog.price(name, "nat.hour")))
        found.append(line("health checks of the DNS", 2, catalog.price(name, "dns.check_month")))
    return found


def stands(one: Standby) -> Place:
    """Where a standby stands. Its services run on servers, whatever the first site's run on."""
    return Place(one.catalog, one.region, min(ZONES, max(1, one.region.zones)))


def choices(system: System, load: Mapping[str, Load], one: Standby, first: Sequence[Choice]) -> tuple[Choice, ...]:
    """What runs there before anything is lost, in the sizes that `lines` prices; `first`: what the first site has."""
    place, running = stands(one), DESIGNS.index(one.design)
    found: list[Choice] = []
    if running >= DESIGNS.index("warm-standby"):
        found += _hosts(system, load, place, 1.0 if one.design == "active-active" else WARM)
    for store in system.stores:
        if store.kind == "objects":
            row = of_component(_unbound(system), store.name, load[store.name], place).row(0)
        elif running >= DESIGNS.index("pilot-light" if store.kind in DATABASES else "warm-standby"):
            row = _least_row(system, store, load, place)
        else:
            continue
        zones = place.zones if store.kind == "objects" else 1
        own = store.kind == "redis" and store.name not in system.essential
        because = "a cache of its own, filled by use" if own else "a copy of the first site's"
        found.append(
            Choice(store.name, store.kind, row.offer, row.count, zones, row.design, row.size, (), because, "", None,
                   store.place)
        )  # fmt: skip
    parts = {name for design, names in OWN.items() if DESIGNS.index(design) <= running for name in names}
    for part in first:
        if part.component in parts:
            count = place.zones if part.component == "network" else part.count
            zones = place.zones if part.zones else 0
            offer = one.catalog.product(part.component)
            found.append(replace(part, offer=offer, count=count, zones=zones, lines=(), next_best=None))
    return tuple(found)


def _hosts(system: System, load: Mapping[str, Load], place: Place, share: float) -> Iterator[Choice]:
    for service, machines, at, number in _chosen(system, load, place, share):
        size = {
            "vcpu": float(machines.vcpu[at]), "memory_gib": float(machines.memory[at]), "arch": machines.arch(at),
            "min_count": number, "max_count": math.ceil(number / share * 1.5), "port": service.port,
            "disk_gib": DISK, "needed": max(1, number - number // place.zones),
        }  # fmt: skip
        because = "a copy at full size, which serves" if share == 1.0 else f"{share:.0%} of the full size, which grows"
        yield Choice(
            service.name, machines.kind, str(machines.name[at]), number, place.zones, "multi-zone", size, (),
            because, "", None, service.place,
        )  # fmt: skip


def _least(system: System, store: Store, load: Mapping[str, Load], place: Place) -> list[CostLine]:
    row = _least_row(system, store, load, place)
    return [replace(bought, what=f"{store.name}: {bought.what}") for bought in row.lines()]


def _least_row(system: System, store: Store, load: Mapping[str, Load], place: Place) -> Row:
    """The cheapest single one that carries the store's load."""
    free, place = _unbound(system), replace(place, zones=1)
    if store.kind in DATABASES:
        options = of_database(free, store, load[store.name], place, followed=True)
    else:
        options = of_component(free, store.name, load[store.name], place)
    if store.kind == "redis" and store.name in system.essential:
        one = copy_of(load[store.name], place.catalog, place.region.name)
        rows = (options.row(int(at)) for at in np.argsort(options.table.cost, kind="stable"))
        if found := next((row for row in rows if row.offer == one), None):
            return found
        raise NotSold(store.name)
    if not len(options.table.cost):
        raise NotSold(store.name)
    return options.row(int(np.argmin(options.table.cost)))


def _services(system: System, load: Mapping[str, Load], place: Place, share: float) -> list[CostLine]:
    """The servers of all services, one bill per type of server."""
    bought: dict[str, tuple[int, Machines, int]] = {}
    for _, machines, at, number in _chosen(system, load, place, share):
        name = str(machines.name[at])
        bought[name] = ((bought[name][0] if name in bought else 0) + number, machines, at)
    return [
        one
        for _, (number, machines, at) in sorted(bought.items(), key=lambda item: item[0])
        for one in machines.lines(at, number, 1.0)
    ]


def _chosen(
    system: System, load: Mapping[str, Load], place: Place, share: float
) -> Iterator[tuple[Service, Machines, int, int]]:
    """The cheapest servers for a share of each service's load: (service, machines, row of them, how many)."""
    free = _unbound(system)
    kinds: dict[float, list[Service]] = {}
    for service in system.services:
        kinds.setdefault(service.memory, []).append(service)
    for memory, services in kinds.items():
        machines = offered(memory, place)
        if not len(machines.monthly):
            raise NotSold(f"a server of {memory:g} GiB")
        cores = np.array([load[one.name].cores * share for one in services])
        _, per_zone = counts(free, cores[:, None], machines.vcpu * machines.speed, place.zones)
        cheapest = (per_zone * machines.monthly).argmin(axis=1)
        for row, (service, at) in enumerate(zip(services, cheapest, strict=True)):
            yield service, machines, int(at), int(per_zone[row, at]) * place.zones


def _unbound(system: System) -> System:
    """The system without its recovery promises: what they ask for is asked of the place that serves."""
    wanted = system.promises
    return replace(system, promises=replace(wanted, reliability=replace(wanted.reliability, recovery={})))


def moved(system: System, load: Mapping[str, Load], design: str) -> float:
    """GiB a month that the copies send out of the first region."""
    running = DESIGNS.index(design)

    def changed(store: Store) -> float:
        daily = load[store.name].data * DAILY_CHANGE
        return daily * MONTH_DAYS * (2 if store.kind in DATABASES and running else 1)  # the backups, and the logs

    return sum(changed(store) for store in system.stores if store.kind != "redis" or running >= 3)


def traffic(system: System, load: Mapping[str, Load], first: Place, cloud: str, design: str) -> CostLine:
    """The copies' way out of the first region: at the price between regions, or to the internet for another cloud."""
    item = "egress.region.gb" if cloud == first.cloud else "egress.internet.gb"
    price: Price = first.catalog.price(first.region.name, item)
    return used("copies to the other region", moved(system, load, design), price)
