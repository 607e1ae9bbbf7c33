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
from standfast.plan.place import DESIGNS, Place
from standfast.spec.model import DATABASES, Store, System

WARM = 0.25  # of the full size that a warm standby runs at
MONTH_DAYS = 30.4
ZONES = 2  # of a standby that runs services


def lines(system: System, load: Mapping[str, Load], catalog: Catalog, region: Region, design: str) -> list[CostLine]:
    """What a standby costs in its own region."""
    name, found = region.name, []
    running = DESIGNS.index(design)
    place = Place(catalog, region, min(ZONES, max(1, region.zones)))
    free = _unbound(system)

    def least(component: str, share: float = 1.0, zones: int = 1) -> list[CostLine]:
        one = load[component]
        small = replace(one, cores=one.cores * share)
        options = of_component(free, component, small, replace(place, zones=zones))
        if not len(options.table.cost):
            return []
        row = options.row(int(np.argmin(options.table.cost)))
        return [replace(bought, what=f"{component}: {bought.what}") for bought in row.lines()]

    stores = [store for store in system.stores if store.kind in DATABASES]
    data = sum(load[store.name].data for store in stores)
    if stores and running < DESIGNS.index("pilot-light"):
        kept = data * (1 + DAILY_CHANGE * BACKUP_DAYS)
        found.append(line("copies of the backups", kept, catalog.price(name, "backup.offsite.gb_month")))
    if running >= DESIGNS.index("pilot-light"):
        for store in stores:
            found += least(store.name)
    for store in system.stores:
        if store.kind == "objects":
            kept = catalog.price(name, "objects.gb_month")
            found.append(line(f"{store.name}: copy of the objects", load[store.name].data, kept))
        elif store.kind == "redis" and running >= DESIGNS.index("warm-standby"):
            found += least(store.name)
    if running >= DESIGNS.index("warm-standby"):
        share = 1.0 if design == "active-active" else WARM
        for service in system.services:
            found += least(service.name, share, place.zones)
        found.append(line("balancer", HOURS, catalog.price(name, "balancer.hour")))
        found.append(line("NAT gateways", place.zones * HOURS, catalog.price(name, "nat.hour")))
        found.append(line("health checks of the DNS", 2, catalog.price(name, "dns.check_month")))
    return found


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
