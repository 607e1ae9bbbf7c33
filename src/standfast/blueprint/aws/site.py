"""The Site: a plan with the questions that every part of the blueprint asks it, answered once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from standfast.blueprint.model import Join, Resource, Var
from standfast.plan import Choice, Plan
from standfast.problem import Place, Problem, Problems
from standfast.spec.model import Service, Store, System

PORTS = {"postgres": 5432, "mysql": 3306, "redis": 6379}
DATABASES = ("postgres", "mysql")
# What every AWS service accepts in a tag (docs.aws.amazon.com/tag-editor, "Tag naming limits and requirements").
_NOT_IN_A_TAG = re.compile(r"[^\w\s.:/=+\-@]")
# The retention periods that CloudWatch Logs knows, in days (API reference, PutRetentionPolicy).
RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


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

    def make(
        self, kind: str, name: str, settings: Mapping[str, Any], why: str = "", *, tag: str = "", **more: Any
    ) -> Resource:
        """A resource of this part; with `tag`, it is tagged under that Name."""
        if tag:
            settings = {**settings, "tags": self.tags(tag)}
        places = (self.place,) if self.place.file else ()
        return Resource(kind, name, settings, self.concern, self.component, places, why=why, **more)

    def tags(self, name: str) -> dict[str, Any]:
        return {"Name": name, "component": self.component, "spec": tag_text(self.place.short)}


@dataclass(frozen=True)
class Site:
    plan: Plan

    @property
    def system(self) -> System:
        return self.plan.system

    @cached_property
    def zones(self) -> range:
        """Numbers of the availability zones. A balancer and a database want two, even where one is planned for."""
        return range(max(2, len(self.plan.zones)))

    @property
    def zone_names(self) -> tuple[str, ...]:
        names = self.plan.zones or (f"{self.plan.region}a",)
        return names if len(names) > 1 else (*names, f"{names[0][:-1]}{'a' if names[0][-1] != 'a' else 'b'}")

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

    @property
    def tags(self) -> dict[str, Any]:
        """What every resource is tagged with, beside its own tags."""
        owner = {"owner": tag_text(self.system.owner)} if self.system.owner else {}
        return {"system": self.system.name, "environment": Var("environment"), **owner, "made-by": "standfast"}

    @property
    def log_days(self) -> int:
        """How long logs are kept: what the plan says, rounded up to a period that CloudWatch Logs knows."""
        wanted = self.size("logs", "retention_days", 90)
        return next((days for days in RETENTION if days >= wanted), RETENTION[-1])

    def size(self, component: str, key: str, default: int) -> int:
        choice = self.plan.choice(component)
        return int(choice.size.get(key, default)) if choice else default

    def part(self, component: str, concern: str, place: Place | None = None) -> Part:
        """The part for a component of the spec or of the plan; `place` where neither knows it better."""
        if place is None:
            choice = self.plan.choice(component)
            place = choice.place if choice else self.system.place
        return Part(component, place, concern)

    def name(self, *parts: str, limit: int = 64) -> str:
        """A name for the cloud's console: `shop-api`, cut and marked with a hash where it would be too long."""
        return shortened("-".join((self.system.name, *parts)), limit)

    def host(self, name: str) -> Join | Var:
        """The name users reach a public service under."""
        front = self.public[0].name if self.public else ""
        return Var("domain") if name == front else Join((f"{name}.", Var("domain")))


def survey(plan: Plan) -> Site:
    """The site of a plan. Raises Problems where the plan leaves a part of the spec without a choice."""
    parts = (*plan.system.services, *plan.system.stores)
    fix = "plan again with: standfast plan SPEC"
    missing = [
        Problem(f"the plan has nothing for {part.name}", "", fix, part.place)
        for part in parts
        if plan.choice(part.name) is None
    ]
    if missing:
        raise Problems(missing)
    return Site(plan)


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


def tag_text(text: str) -> str:
    """Text as a tag may hold it: other characters become `-`."""
    return _NOT_IN_A_TAG.sub("-", text).strip()[:256]
