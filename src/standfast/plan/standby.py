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

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from standfast.clouds import Catalog, Price, Region
from standfast.plan.cost import BACKUP_DAYS, DAILY_CHANGE, HOURS, line, used
from standfast.plan.model import CostLine
from standfast.plan.models.load import Load
from standfast.plan.options import of_component
from standfast.plan.options.service import Machines, counts, offered
from standfast.plan.place import DESIGNS, Place
from standfast.spec.model import DATABASES, Store, System

WARM = 0.25  # of the full size that a warm standby runs at
MONTH_DAYS = 30.4
ZONES = 2  # of a standby that runs services


class NotSold(Exception):
    """Something that a standby needs is not sold in its region."""


def lines(system: System, load: Mapping[str, Load], catalog: Catalog, region: Region, design: str) -> list[CostLine]:
    """What a standby costs in its own region. Raises NotSold where it cannot stand there."""
    name, running = region.name, DESIGNS.index(design)
    place = Place(catalog, region, min(ZONES, max(1, region.zones)))
    databases = [store for store in system.stores if store.kind in DATABASES]
    caches = [store for store in system.stores if store.kind == "redis"]
    found = [
        line(f"{store.name}: copy of the objects", load[store.name].data, catalog.price(name, "objects.gb_month"))
        for store in system.stores
        if store.kind == "objects"
    ]
    if databases and running < DESIGNS.index("pilot-light"):
        kept = sum(load[store.name].data for store in databases) * (1 + DAILY_CHANGE * BACKUP_DAYS)
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


def _least(system: System, store: Store, load: Mapping[str, Load], place: Place) -> list[CostLine]:
    """The cheapest single one that carries the store's load."""
    options = of_component(_unbound(system), store.name, load[store.name], replace(place, zones=1))
    if not len(options.table.cost):
        raise NotSold(store.name)
    row = options.row(int(np.argmin(options.table.cost)))
    return [replace(bought, what=f"{store.name}: {bought.what}") for bought in row.lines()]


def _services(system: System, load: Mapping[str, Load], place: Place, share: float) -> list[CostLine]:
    """The cheapest servers for a share of each service's load, one bill per type of server."""
    free = _unbound(system)
    kinds: dict[float, list[float]] = {}
    for service in system.services:
        kinds.setdefault(service.memory, []).append(load[service.name].cores * share)
    bought: dict[str, tuple[int, Machines, int]] = {}
    for memory, cores in kinds.items():
        machines = offered(memory, place)
        if not len(machines.monthly):
            raise NotSold(f"a server of {memory:g} GiB")
        _, per_zone = counts(free, np.array(cores)[:, None], machines.vcpu * machines.speed, place.zones)
        cheapest = (per_zone * machines.monthly).argmin(axis=1)
        for at, each in zip(cheapest, per_zone[np.arange(len(cores)), cheapest], strict=True):
            name = str(machines.name[at])
            number = bought[name][0] if name in bought else 0
            bought[name] = (number + int(each) * place.zones, machines, int(at))
    return [
        one
        for _, (number, machines, at) in sorted(bought.items(), key=lambda item: item[0])
        for one in machines.lines(at, number, 1.0)
    ]


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
