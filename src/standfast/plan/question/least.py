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
        self.stores = {
            store.name: shared(store.kind, load[store.name], REPLICAS[-1]) if store.read_replicas else load[store.name]
            for store in system.stores
        }
        self._designs: dict[tuple[str, bool, str, str], list[str]] = {}
        self._machines: dict[tuple[str, str, str], list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {}
        self._cheapest: dict[tuple[str, str, str, str], float] = {}

    def of(self, place: Place) -> float:
        """No combination of options in this place costs less than this, the plan's own parts apart."""
        return self._of_services(place) + sum(self._of_store(store, place) for store in self.system.stores)

    def _of_services(self, place: Place) -> float:
        total = 0.0
        for cores, power, monthly in self._machines_of(place):
            if not len(monthly):
                return np.inf
            _, per_zone = counts(self.system, cores, power, place.zones)
            total += float((per_zone * place.zones * monthly).min(axis=1).sum())
        return total

    def _machines_of(self, place: Place) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Per kind of service the cores of each, and the power and USD a month of the machines; alike in all zones."""
        key = place.cloud, place.region.name, place.shape
        if key not in self._machines:
            found = [(cores, offered(memory, place)) for memory, cores in self.services.items()]
            self._machines[key] = [(cores, one.vcpu * one.speed, one.monthly) for cores, one in found]
        return self._machines[key]

    def _of_store(self, store: Store, place: Place) -> float:
        load, region = self.stores[store.name], place.region.name
        if store.kind == "objects":
            return load.data * place.catalog.price(region, "objects.gb_month").usd
        least = min(
            (self._cheapest_of(store, design, place) for design in self._designs_of(store, place)), default=np.inf
        )
        if store.kind in DATABASES:
            least += disk(load) * place.catalog.price(region, "database.storage.gb_month").usd
        return least

    def _cheapest_of(self, store: Store, design: str, place: Place) -> float:
        """With read replicas one carries less, and what they cost themselves is left out of the bound."""
        key = store.name, design, place.cloud, place.region.name
        if key not in self._cheapest:
            shelf = place.catalog.shelf(place.region.name, SHELVES[design].format(store.kind))
            fits = (carries if store.kind in DATABASES else holds)(self.stores[store.name], shelf)
            self._cheapest[key] = float(shelf.usd_hour[fits].min(initial=np.inf)) * HOURS
        return self._cheapest[key]

    def _designs_of(self, store: Store, place: Place) -> list[str]:
        """The designs that keep the recovery promises: the same in every region of a cloud."""
        key = store.name, place.zones > 1, place.standby.design if place.standby else "", place.way
        if key not in self._designs:
            data = self.load[store.name].data
            self._designs[key] = [
                design for design in designs(store.kind, place)
                if recovers(self.system, store.name, held(store.kind, design, place, data))
            ]  # fmt: skip
        return self._designs[key]
