"""The Plan: what to buy, and why. The waist of the house: complete, plain, serialisable both ways.

No later stage reads offers or the solver: everything that was looked up or decided is in here.
Units as in the spec: seconds, GiB, requests per second, fractions; money in USD per month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from standfast.problem import NOWHERE, Place, Problem
from standfast.promise import Promise
from standfast.spec.model import Assumption, System

Scalar = str | int | float | bool


@dataclass(frozen=True)
class Money:
    """USD per month as low / typical / high; the three differ by named usage assumptions and price quality."""

    low: float
    typical: float
    high: float

    def __add__(self, other: Money) -> Money:
        return Money(self.low + other.low, self.typical + other.typical, self.high + other.high)


NOTHING = Money(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class CostLine:
    """One line of the bill: `quantity` of `unit` a month at `unit_price` USD, from `source` at `date`."""

    what: str
    quantity: float
    unit: str
    unit_price: float
    monthly: Money
    source: str
    date: str
    estimated: bool = False


@dataclass(frozen=True)
class Alternative:
    """The best thing not chosen: what it is, what it would cost, and why it lost."""

    offer: str
    count: int
    zones: int
    monthly_usd: float
    why: str


@dataclass(frozen=True)
class Choice:
    """One thing to buy for one component.

    `component`  the name in the spec (`api`, `orders`), or the plan's own part: `balancer`, `network`,
                 `cdn`, `waf`, `dns`, `keys`, `secrets`, `backup`, `logs`, `cluster`, `standby`
    `kind`       `server`, `container`, `pod` (a group of equal ones for a service), `postgres`, `mysql`, `redis`,
                 `objects`, `balancer`, `network`, `cdn`, `waf`, `dns`, `keys`, `secrets`, `backup`, `logs`,
                 `cluster`, `standby`
    `offer`      the name the cloud sells it under: `m7g.large`, `db.r6g.large`, `cache.r6g.large`
    `count`      how many of it; `zones` over how many availability zones
    `design`     how it survives: `single`, `multi-zone`, `multi-az-standby`, `replicated` …
    `size`       facts later stages need: vcpu, memory_gib, arch, storage_gib, iops, min_count, max_count,
                 instance_memory_gib, retention_days, engine_version, port …
    """

    component: str
    kind: str
    offer: str
    count: int
    zones: int
    design: str
    size: Mapping[str, Scalar]
    lines: tuple[CostLine, ...]
    because: str  # why this one, in one sentence
    binds: str  # what stopped something cheaper; "" if it simply is the cheapest
    next_best: Alternative | None = None
    place: Place = NOWHERE

    @property
    def monthly(self) -> Money:
        return sum((line.monthly for line in self.lines), NOTHING)


@dataclass(frozen=True)
class Prices:
    """What the plan was priced with: dates of its oldest and newest price, and the catalog's hash."""

    oldest: str
    newest: str
    lock: str


@dataclass(frozen=True)
class PriceOfPromise:
    """What one promise costs at the margin: the same spec with it one notch tighter or looser, solved again."""

    measure: str
    change: str  # "99.9% -> 99.99%"
    monthly_usd: float | None  # difference in typical cost; None: no plan can keep it
    note: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """What stands in another region for the day the first is lost; `design` is one of plan/place.py DESIGNS.

    `choices`: what runs there already, by component, as on the first site; a part that is not among them is built
    anew on the day. Their bill is that of the plan's own part `standby`, so each has none of its own.
    """

    cloud: str
    region: str
    design: str
    zones: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Plan:
    system: System
    cloud: str
    region: str
    zones: tuple[str, ...]  # names of the availability zones used: eu-west-1a ...
    choices: tuple[Choice, ...]
    promises: tuple[Promise, ...]
    assumptions: tuple[Assumption, ...]  # the spec's and the plan's own
    prices: Prices
    margins: tuple[PriceOfPromise, ...] = ()
    warnings: tuple[Problem, ...] = ()
    facts: Mapping[str, float] = field(default_factory=dict)  # `gap`: nothing is cheaper by more than this share
    shape: str = "vm"  # vm | container | kubernetes
    standby: Elsewhere | None = None

    @property
    def monthly(self) -> Money:
        return sum((choice.monthly for choice in self.choices), NOTHING)

    def choice(self, component: str) -> Choice | None:
        return next((one for one in self.choices if one.component == component), None)
