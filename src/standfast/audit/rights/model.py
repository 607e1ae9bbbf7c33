"""Who may read or write which data: the words for it, whichever cloud it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from standfast.audit.reading import any_holds
from standfast.blueprint import Resource

Way = Literal["read", "write"]
Carrier = tuple[str, str]  # what runs as a principal, in words; the component it is of
CLASSES = ("store", "secret", "log", "backup")  # what kind of data something holds


@dataclass(frozen=True)
class Data:
    """Something that holds data. `opens`: the part of the spec that a secret is the login of, where it is one."""

    resource: Resource
    name: str
    holds: str  # one of CLASSES

    @property
    def component(self) -> str:
        return self.resource.component


@dataclass(frozen=True)
class Principal:
    """Somebody who may ask: a role, an identity, an account outside, a service of the cloud, everybody.

    `resource` None: it is not among the resources. `carriers`: what runs as it (servers of web), in words.
    """

    name: str
    resource: Resource | None = None
    component: str = ""
    carriers: tuple[str, ...] = ()


def as_principal(name: str, one: Resource, carriers: Sequence[Carrier]) -> Principal:
    """A principal among the resources; without a component of its own it is of what runs as it, where that is one."""
    runs = {component for _, component in carriers if component}
    component = one.component or (runs.pop() if len(runs) == 1 else "")
    return Principal(name, one, component, tuple(words for words, _ in carriers))


@dataclass(frozen=True)
class Access:
    """`certain` False: whether it may is decided by what nobody here can see. `hops`: how, step by step."""

    principal: Principal
    data: Data
    way: Way
    certain: bool
    hops: tuple[str, ...]

    @property
    def path(self) -> str:
        return " → ".join((*self.principal.carriers[:1], self.principal.name, *self.hops))


Truth = bool | None


def strongest(found: list[tuple[Truth, tuple[str, ...]]]) -> tuple[Truth, tuple[str, ...]]:
    """Of several ways to the same thing, a certain one before one that may be."""
    verdict = any_holds(truth for truth, _ in found)
    return next(((truth, hops) for truth, hops in found if truth is verdict), (False, ()))
