"""The System: what is wanted, as frozen plain data. Every part knows its place in the user's file.

Units everywhere: seconds, GiB, requests per second, fractions of one, USD per month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from standfast.problem import NOWHERE, Place

DISRUPTIONS = ("instance", "zone", "region", "corruption")
STORE_KINDS = ("postgres", "mysql", "redis", "objects")
PRODUCTION = "production"  # the environment that the spec itself describes
DATABASES = ("postgres", "mysql")


@dataclass(frozen=True)
class Assumption:
    """A number nobody declared: what was taken instead, and on what ground. Always shown to the user."""

    what: str
    value: str
    ground: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True)
class Scalability:
    """Requests per second at the edge of the system; `growth` per year, compounded until `horizon` (seconds)."""

    peak: float
    average: float
    growth: float = 0.0
    horizon: float = 365.25 * 86_400.0

    def at_horizon(self, rate: float) -> float:
        return rate * (1 + self.growth) ** (self.horizon / (365.25 * 86_400.0))


@dataclass(frozen=True)
class Recovery:
    """Recovery time and point objectives for one disruption, in seconds; None where not promised."""

    rto: float | None
    rpo: float | None


@dataclass(frozen=True)
class Reliability:
    availability: float  # fraction of a month, e.g. 0.999
    recovery: Mapping[str, Recovery]  # by disruption; absent: no promise


@dataclass(frozen=True)
class Performance:
    """Percentile -> seconds, as seen by the user; `users`: country code (ISO 3166) -> share of requests."""

    percentiles: Mapping[str, float]  # {"p95": 0.3, "p99": 0.8}
    users: Mapping[str, float]


@dataclass(frozen=True)
class Security:
    data: tuple[str, ...]  # data classes: personal, health, card, secret ...
    exposure: str  # public | private
    frameworks: tuple[str, ...]


@dataclass(frozen=True)
class Cost:
    budget: float | None  # USD per month


@dataclass(frozen=True)
class PromisesWanted:
    scalability: Scalability
    reliability: Reliability
    performance: Performance
    security: Security
    cost: Cost


@dataclass(frozen=True)
class Retention:
    """Of the backups that `standfast backup` takes: of how many hours, days … the newest is kept."""

    hourly: int = 24
    daily: int = 7
    weekly: int = 4
    monthly: int = 12
    yearly: int = 0


@dataclass(frozen=True)
class Rules:
    clouds: tuple[str, ...]
    regions: tuple[str, ...]  # empty: every region that `residency` allows
    residency: str  # "any", a country code, a continent, EU or EEA
    compute: str  # vm | container | kubernetes | any
    commitment: str  # on-demand | 1y | 3y
    retention: Retention = field(default_factory=lambda: Retention())
    hold: bool = False  # no backup is removed


@dataclass(frozen=True)
class Call:
    """An edge of the call graph. `times` calls per request, by `share` of the requests."""

    to: str
    times: float = 1.0
    share: float = 1.0
    parallel: bool = False
    essential: bool = True
    cached_by: str = ""
    hit_rate: float = 0.0
    place: Place = NOWHERE


@dataclass(frozen=True)
class Service:
    name: str
    image: str
    port: int
    public: bool
    traffic: float  # share of the system's requests that enter here; 0 where not public
    cpu: float  # seconds of a reference core per request
    variation: float  # coefficient of variation of that time
    wait: float  # seconds per request spent waiting on things outside the system
    memory: float  # GiB per instance
    calls: tuple[Call, ...]
    stateful: bool
    response: float  # GiB sent back to the user per request
    health: str  # path of the health check
    environment: Mapping[str, str]
    secrets: tuple[str, ...]
    place: Place = NOWHERE
    places: Mapping[str, Place] = field(default_factory=dict)  # field -> where it was written
    entrypoint: tuple[str, ...] = ()  # in place of the image's ENTRYPOINT, without which its CMD does not count either
    command: tuple[str, ...] = ()  # in place of its CMD; of both, nothing is a shell's

    def where(self, key: str) -> Place:
        return self.places.get(key, self.place)

    @property
    def argv(self) -> tuple[str, ...]:
        """The program with its arguments, where the spec gives one: what runs without an image, too."""
        return (*self.entrypoint, *self.command)


@dataclass(frozen=True)
class Store:
    name: str
    kind: str  # one of STORE_KINDS
    version: str  # engine version, "" for the newest supported
    data: float  # GiB (databases, objects)
    memory: float  # GiB (redis)
    reads: float | None  # per second; None: from the call graph
    writes: float | None
    growth: float  # fraction per year
    connections: int | None
    essential: bool
    egress: float  # GiB per month to the internet (objects)
    requests: float  # per second (objects)
    cdn: bool
    hit_rate: float  # of the cache or of the CDN
    place: Place = NOWHERE
    places: Mapping[str, Place] = field(default_factory=dict)
    read_replicas: bool = False  # reads may be seconds old, so that replicas may answer them

    def where(self, key: str) -> Place:
        return self.places.get(key, self.place)


@dataclass(frozen=True)
class Deploys:
    """Changes to the system: how often per second, the share that fails, and seconds until rolled back."""

    rate: float
    failure: float
    rollback: float


@dataclass(frozen=True)
class Environment:
    """A smaller copy of the system: shares of production's traffic and data, and all that is promised there."""

    name: str
    scale: float
    data: float
    promises: PromisesWanted
    rules: Rules
    assumptions: tuple[Assumption, ...] = ()  # all of the system's, as they hold there, and its own
    place: Place = NOWHERE
    places: Mapping[str, Place] = field(default_factory=dict)  # of the promises and rules that are its own


@dataclass(frozen=True)
class System:
    name: str
    owner: str
    promises: PromisesWanted
    rules: Rules
    services: tuple[Service, ...]
    stores: tuple[Store, ...]
    deploys: Deploys
    environments: tuple[Environment, ...]
    assumptions: tuple[Assumption, ...]
    place: Place = NOWHERE
    places: Mapping[str, Place] = field(default_factory=dict)  # dotted path of a promise or rule -> place
    environment: str = PRODUCTION  # which one of the spec's this is

    def where(self, path: str) -> Place:
        """The place of a promise or rule, e.g. `reliability.recovery.zone.rto`; else of its nearest parent."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path.rpartition(".")[0]
        return self.place

    def component(self, name: str) -> Service | Store:
        """The service or store called `name`. KeyError where there is none: the reader has checked all names."""
        return self._components[name]

    @cached_property
    def _components(self) -> Mapping[str, Service | Store]:
        return {part.name: part for part in (*self.services, *self.stores)}

    @cached_property
    def essential(self) -> frozenset[str]:
        """Services and stores without which a request of a user fails: all that essential calls reach from outside.

        A cache that stands before a call is not essential to it: without the cache the call goes to its target. A
        store that no service calls (images that users fetch through a CDN) counts where the spec itself says
        `essential: true`.
        """
        found = {service.name for service in self.services if service.public}
        found |= {store.name for store in self.aside if store.essential and "essential" in store.places}
        todo = list(found)
        while todo:
            for call in getattr(self._components[todo.pop()], "calls", ()):
                if call.essential and call.share * call.times > 0 and call.to not in found:
                    found.add(call.to)
                    todo.append(call.to)
        return frozenset(found)

    @cached_property
    def aside(self) -> tuple[Store, ...]:
        """Stores that no service calls."""
        called = {name for service in self.services for call in service.calls for name in (call.to, call.cached_by)}
        return tuple(store for store in self.stores if store.name not in called)
