"""The Site: a plan with the questions that every cloud's blueprint asks it, answered once.

A cloud has a `Site` and a `Part` of its own that add what only it asks: names, tags, zones.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from standfast.blueprint.model import Join, Resource, Var
from standfast.plan import Choice, Plan
from standfast.problem import Place, Problem
from standfast.spec.model import Service, Store, System

PORTS = {"postgres": 5432, "mysql": 3306, "redis": 6379}
ELSEWHERE = {
    ("azure", "redis"): 10_000,
    ("gcp", "redis"): 6378,
}  # where a cloud's managed store listens on another port
DATABASES = ("postgres", "mysql")


@dataclass(frozen=True)
class Hosted:
    """A service with what was chosen to run it.

    `listener`: its port on the internal balancer, None where no service calls it.
    """

    service: Service
    choice: Choice
    listener: int | None

    @property
    def name(self) -> str:
        return self.service.name

    @property
    def id(self) -> str:
        return identifier(self.name)

    @property
    def stateful(self) -> bool:
        return self.service.stateful or self.choice.design == "stateful"


@dataclass(frozen=True)
class Kept:
    """A store with what was chosen to keep it, and the services that reach it."""

    store: Store
    choice: Choice
    callers: tuple[Hosted, ...]

    @property
    def name(self) -> str:
        return self.store.name

    @property
    def id(self) -> str:
        return identifier(self.name)

    @property
    def kind(self) -> str:
        return self.store.kind


@dataclass(frozen=True)
class Part:
    """A component and a concern: what its resources have in common."""

    component: str
    place: Place
    concern: str

    def make(self, kind: str, name: str, settings: Mapping[str, Any], why: str = "", **more: Any) -> Resource:
        places = (self.place,) if self.place.file else ()
        return Resource(kind, name, settings, self.concern, self.component, places, why=why, **more)


@dataclass(frozen=True)
class Site:
    """`first`: where this is the standby of another site, the plan of that one."""

    plan: Plan
    first: Plan | None = None

    @property
    def standby(self) -> str:
        """The design of the standby that this site is; "" for a first site."""
        return self.first.standby.design if self.first and self.first.standby else ""

    @property
    def system(self) -> System:
        return self.plan.system

    @cached_property
    def zones(self) -> range:
        """Numbers of the availability zones. A balancer and a database want two, even where one is planned for."""
        return range(max(2, len(self.plan.zones)))

    @cached_property
    def hosted(self) -> tuple[Hosted, ...]:
        ports = _listeners(self.system)
        return tuple(
            Hosted(one, choice, ports.get(one.name))
            for one in self.system.services
            if (choice := self.plan.choice(one.name))
        )

    @cached_property
    def kept(self) -> tuple[Kept, ...]:
        return tuple(
            Kept(one, choice, tuple(host for host in self.hosted if one.name in targets(host.service)))
            for one in self.system.stores
            if (choice := self.plan.choice(one.name))
        )

    @property
    def public(self) -> tuple[Hosted, ...]:
        """The services that users reach; the one with the most traffic first: it answers on the bare domain."""
        public = [one for one in self.hosted if one.service.public]
        return tuple(sorted(public, key=lambda one: -one.service.traffic))

    @property
    def called(self) -> tuple[Hosted, ...]:
        return tuple(one for one in self.hosted if one.listener is not None)

    @property
    def databases(self) -> tuple[Kept, ...]:
        return tuple(one for one in self.kept if one.kind in DATABASES)

    @property
    def caches(self) -> tuple[Kept, ...]:
        return tuple(one for one in self.kept if one.kind == "redis")

    @property
    def buckets(self) -> tuple[Kept, ...]:
        return tuple(one for one in self.kept if one.kind == "objects")

    @property
    def private(self) -> bool:
        """Whether users come from private networks only."""
        return self.system.promises.security.exposure == "private"

    def port(self, kind: str) -> int:
        """Where a managed store of a kind listens on this cloud."""
        return ELSEWHERE.get((self.plan.cloud, kind), PORTS[kind])

    def size(self, component: str, key: str, default: int) -> int:
        choice = self.plan.choice(component)
        return int(choice.size.get(key, default)) if choice else default

    @property
    def own(self) -> str:
        """What the names of this site begin with: many are one for all regions of an account."""
        return f"{self.system.name}-standby" if self.first else self.system.name

    def name(self, *parts: str, limit: int = 64) -> str:
        """A name for the cloud's console: `shop-api`, cut and marked with a hash where it would be too long."""
        return shortened("-".join((self.own, *parts)), limit)

    def host(self, name: str) -> Join | Var:
        """The name users reach a public service under."""
        front = self.public[0].name if self.public else ""
        return Var("domain") if name == front else Join((f"{name}.", Var("domain")))


def at_standby(plan: Plan) -> Plan:
    """The plan of what stands at a plan's standby: the same system in another place, with what runs there.

    Raises ValueError for a plan without one.
    """
    there = plan.standby
    if there is None:
        raise ValueError("the plan has no standby")
    return replace(
        plan, cloud=there.cloud, region=there.region, zones=there.zones, choices=there.choices, shape="vm",
        standby=None,
    )  # fmt: skip


def missing(plan: Plan) -> list[Problem]:
    """A problem for each part of the spec that the plan of a first site leaves without a choice."""
    parts = (*plan.system.services, *plan.system.stores)
    fix = "plan again with: standfast plan SPEC"
    return [
        Problem(f"the plan has nothing for {part.name}", "", fix, part.place)
        for part in parts
        if plan.choice(part.name) is None
    ]


def collisions(system: System, resources: tuple[Resource, ...]) -> Iterator[Problem]:
    """Two resources of one kind with one identifier: a component is called like a part of the system's own."""
    seen: dict[str, Resource] = {}
    for one in resources:
        other = seen.setdefault(one.address, one)
        if other is not one:
            what = f"{one.component} and {other.component} would both be {one.address}"
            place = next(iter(one.places or other.places), system.place)
            yield Problem(what, "identifiers of the code must differ", f"rename {one.component} in the spec", place)


def targets(service: Service) -> tuple[str, ...]:
    """Everything a service talks to: what it calls, and the caches that answer first. In the order of the spec."""
    reached = [name for call in service.calls for name in (call.to, call.cached_by) if name]
    return tuple(dict.fromkeys(reached))


def _listeners(system: System) -> dict[str, int]:
    """A port on the internal balancer for each service that is called: its own, or the next free one from 10001.

    The first service of the spec that has a port keeps it, so that one added later changes no other's address.
    """
    called = {name for service in system.services for name in targets(service)}
    ports: dict[str, int] = {}
    for service in system.services:
        if service.name in called:
            taken, port = set(ports.values()), service.port
            if port in taken:
                port = next(one for one in range(10_001, 65_536) if one not in taken)
            ports[service.name] = port
    return ports


def reason(choice: Choice) -> str:
    """Why this was chosen, and what stopped something cheaper, in one sentence for a comment."""
    said = choice.because.replace(f" ({choice.place.short})", "").rstrip(".")
    return f"{choice.offer}: {said}" + (f"; what binds is {choice.binds}." if choice.binds else ".")


def several(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def identifier(name: str) -> str:
    """A name of the spec as an identifier of the code."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return plain if plain[:1].isalpha() else f"_{plain}"


def shortened(name: str, limit: int) -> str:
    if len(name) <= limit:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{name[: limit - 7].rstrip('-')}-{mark}"
