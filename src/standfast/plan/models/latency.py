"""How long a user waits: the distribution of the whole request along the call graph, not a sum of percentiles.

What a request meets in a service: a wait for a free core (Erlang C, see `queueing`), its CPU time, the declared
wait on the world outside, then its calls: one after the other, parallel ones at the same time. Times are
independent. Everything is seconds, at the peak of the horizon.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from standfast.plan.models import distribution
from standfast.plan.models.distribution import Algebra, Time
from standfast.plan.models.load import Load, loads
from standfast.plan.models.queueing import Station
from standfast.spec.model import Assumption, Call, Service, System

HOP = 1e-3  # there and back between two parts in different zones of a region
REQUESTS_PER_CONNECTION = 20  # which share the two round trips that open it: one of TCP, one of TLS 1.3 (RFC 8446)
STORE_TIME = {  # per call, mean of an exponential time, beside the wait for a core of the store
    "postgres": 2e-3,
    "mysql": 2e-3,
    "redis": 0.3e-3,
    "objects": 30e-3,
}


@dataclass(frozen=True)
class Serving:
    """What serves one component.

    A service: `cores` in all, spread evenly over `instances`, each core `speed` times the reference core.
    A store: the same for the machine it runs on (0 cores: never waits), and `base` seconds per call;
    None takes STORE_TIME of its kind.
    """

    cores: float = 0.0
    speed: float = 1.0
    instances: int = 1
    base: float | None = None


def percentiles(
    system: System,
    serving: Mapping[str, Serving],
    rtt: Mapping[str, float],
    wanted: Iterable[str] = ("p95",),
    load: Mapping[str, Load] | None = None,
) -> dict[str, float]:
    """Seconds within which the wanted shares of the users' requests are answered: {"p95": 0.12}.

    `rtt` is the round trip by country of the users; a country it lacks counts as 0. `load` saves working it out
    again. inf where a service that requests reach has no steady state, or is not served at all.
    Better parts never make it slower, to a ten-thousandth: what the grid leaves.
    """
    load = loads(system) if load is None else load
    wanted = tuple(wanted)
    parts = {name: part_of(system, name, serving.get(name, Serving()), load[name]) for name in load}

    def time(a: Algebra) -> Time:
        return request(system, lambda name: own(parts[name], a), rtt, a)

    found = distribution.percentiles(time, map(share_of, wanted))
    return dict(zip(wanted, found, strict=True))


def share_of(percentile: str) -> float:
    """`p95` -> 0.95, `p99.9` -> 0.999."""
    return float(percentile.removeprefix("p")) / 100


@dataclass(frozen=True)
class Visit:
    """What one visit to a component takes, before its calls."""

    station: Station
    fixed: float
    varying: float = 0.0  # mean of an exponential time


def part_of(system: System, name: str, serving: Serving, load: Load) -> Visit:
    """Requests are spread at random over the instances, each an M/G/c station of its own.

    A balancer that knows who is busy does better; that it knows is not counted on.
    """
    component = system.component(name)
    if isinstance(component, Service):
        cpu, variation, fixed, varying = component.cpu, component.variation, component.wait, 0.0
    else:
        cpu, variation, fixed = (load.cores / load.peak if load.peak else 0.0), 1.0, 0.0
        varying = STORE_TIME[component.kind] if serving.base is None else serving.base
    if serving.cores <= 0:
        return Visit(Station(0.0, 0.0), math.inf if isinstance(component, Service) else fixed, varying)
    each = serving.cores / serving.instances
    servers = max(1, math.floor(each + 1e-9))
    service = cpu / (serving.speed * min(1.0, each))  # a fraction of a core is a slower core
    return Visit(Station(load.peak / serving.instances, service, variation, servers), fixed, varying)


def request(system: System, own: Callable[[str], Time], rtt: Mapping[str, float], a: Algebra) -> Time:
    """The whole request of a user, in the algebra given: entered by traffic, from the countries of the users.

    `own`: the time of one visit to a part, before its calls.
    """
    done: dict[str, Time] = {}
    calls = {service.name: service.calls for service in system.services}

    def visit(name: str) -> Time:
        if name not in done:
            done[name] = a.after(own(name), _calls(calls.get(name, ()), visit, a))
        return done[name]

    public = [service for service in system.services if service.public and service.traffic > 0]
    total = sum(service.traffic for service in public)
    inside = a.choice((service.traffic / total, visit(service.name)) for service in public)
    users = system.promises.performance.users or {"": 1.0}
    trips = 1 + 2 / REQUESTS_PER_CONNECTION
    network = a.choice((share, a.fixed(rtt.get(country, 0.0) * trips + HOP)) for country, share in users.items())
    return a.after(network, inside)


def own(part: Visit, a: Algebra) -> Time:
    """One visit, before its calls."""
    time = part.station.time(a)
    if part.varying:
        time = a.after(time, a.gamma(part.varying, 1.0))
    return a.after(time, a.fixed(part.fixed)) if part.fixed else time


def _calls(calls: tuple[Call, ...], visit: Callable[[str], Time], a: Algebra) -> Time:
    whole, together, nothing = a.fixed(0.0), [], a.fixed(0.0)
    for call in calls:
        if call.share <= 0 or call.times <= 0:
            continue
        once = a.after(visit(call.to), a.fixed(HOP))
        if call.cached_by:
            asked = a.after(visit(call.cached_by), a.fixed(HOP))
            once = a.after(asked, a.choice(((call.hit_rate, nothing), (1 - call.hit_rate, once))))
        count, part = divmod(call.times, 1.0)
        made = a.repeat(once, int(count))
        if part:
            made = a.after(made, a.choice(((1 - part, nothing), (part, once))))
        if call.share < 1:
            made = a.choice(((1 - call.share, nothing), (call.share, made)))
        if call.parallel:
            together.append(made)
        else:
            whole = a.after(whole, made)
    return a.after(whole, a.slower(together)) if together else whole


def assumed(system: System) -> tuple[Assumption, ...]:
    """The numbers used here that nobody declared, for the parts that are really there."""
    opened = f"{REQUESTS_PER_CONNECTION} requests on each"
    found = [
        Assumption("latency: between two parts", f"{HOP * 1e3:g} ms", "there and back, in different zones"),
        Assumption("latency: connections", opened, "they share the two round trips of TCP and TLS 1.3"),
    ]
    calls = [call for service in system.services for call in service.calls]
    reached = {call.to for call in calls} | {call.cached_by for call in calls}
    for store in system.stores:
        if store.name in reached:
            value = f"{STORE_TIME[store.kind] * 1e3:g} ms per call"
            found.append(Assumption(f"store {store.name}: time", value, "mean of an exponential time", store.place))
    return tuple(found)
