"""What a place costs at the least: a bound on all components at once, so that most places are never looked into."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from standfast.plan.cost import HOURS
from standfast.plan.models.load import Load
from standfast.plan.options.recovering import held, recovers
from standfast.plan.options.service import counts, offered
from standfast.plan.options.store import REPLICAS, SHELVES, carries, designs, disk, holds, shared
from standfast.plan.place import Place
from standfast.spec.model import DATABASES, Store, System

ROUND = 2.0  # GiB: services are priced at their memory rounded down to this, so that few kinds are left


class Least:
    """Lower bounds for one system, USD a month."""

    def __init__(self, system: System, load: Mapping[str, Load]):
        self.system, self.load = system, load
        kinds: dict[float, list[float]] = {}
        for service in system.services:
            if service.stateful:
                continue  # one server whatever it carries: left out of the bound
            kinds.setdefault(service.memory // ROUND * ROUND, []).append(load[service.name].cores)
        self.services = {memory: np.array(cores)[:, None] for memory, cores in kinds.items()}
        self._designs: dict[tuple[str, bool, str], list[str]] = {}

    def of(self, place: Place) -> float:
        """No combination of options in this place costs less than this, the plan's own parts apart."""
        return self._of_services(place) + sum(self._of_store(store, place) for store in self.system.stores)

    def _of_services(self, place: Place) -> float:
        total = 0.0
        for memory, cores in self.services.items():
            machines = offered(memory, place)
            if not len(machines.monthly):
                return np.inf
            _, per_zone = counts(self.system, cores, machines.vcpu * machines.speed, place.zones)
            total += float((per_zone * place.zones * machines.monthly).min(axis=1).sum())
        return total

    def _of_store(self, store: Store, place: Place) -> float:
        load, region = self.load[store.name], place.region.name
        if store.kind == "objects":
            return load.data * place.catalog.price(region, "objects.gb_month").usd
        fits = carries if store.kind in DATABASES else holds
        if store.read_replicas:
            load = shared(store.kind, load, REPLICAS[-1])
        least = np.inf
        for design in self._designs_of(store, place):
            shelf = place.catalog.shelf(region, SHELVES[design].format(store.kind))
            least = min(least, float(shelf.usd_hour[fits(load, shelf)].min(initial=np.inf)) * HOURS)
        if store.kind in DATABASES:
            least += disk(load) * place.catalog.price(region, "database.storage.gb_month").usd
        return least

    def _designs_of(self, store: Store, place: Place) -> list[str]:
        """The designs that keep the recovery promises: the same in every region."""
        key = store.name, place.zones > 1, place.standby.design if place.standby else ""
        if key not in self._designs:
            data = self.load[store.name].data
            self._designs[key] = [
                design for design in designs(store.kind, place)
                if recovers(self.system, store.name, held(store.kind, design, place, data))
            ]  # fmt: skip
        return self._designs[key]
