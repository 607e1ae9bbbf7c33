"""How long a user waits: the distribution of the whole request along the call graph, not a sum of percentiles.

Every time is a distribution on a grid of equal steps, held as its probability generating function at the roots
of unity (its FFT): one after the other is a product, a choice is a weighted sum, and only "the slower of both"
needs the way back. Times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from standfast.plan.load import Load, loads
from standfast.plan.queueing import Station
from standfast.spec.model import Assumption, Call, Service, Store, System

STEPS = 2048
HOP = 1e-3  # seconds there and back between two parts, in different zones of a region
REQUESTS_PER_CONNECTION = 20  # over which the two round trips of TCP and TLS 1.3 are spread
STORE_TIME = {"postgres": 2e-3, "mysql": 2e-3, "redis": 0.3e-3, "objects": 30e-3}  # seconds per call, mean


@dataclass(frozen=True)
class Serving:
    """What serves one component.

    A service: `cores` in all, spread over `instances`, each core `speed` times the reference core.
    A store: `base` seconds per call (mean) beside the CPU time of its `cores`; None takes STORE_TIME of its kind.
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
    """Seconds that the wanted share of the users' requests do not exceed, at the peak of the horizon.

    `rtt` is seconds of round trip by country of the users (a missing country counts as 0).
    inf where a part that a request needs has no steady state.
    """
    load = loads(system) if load is None else load
    wanted = tuple(wanted)
    stations = {name: _station(system, name, serving.get(name, Serving()), load) for name in load}
    mean, variance = _moments(system, stations, rtt)
    if not math.isfinite(mean):
        return dict.fromkeys(wanted, math.inf)
    grid = _Grid((mean + 14 * math.sqrt(variance)) * 1.02 + 1e-6)
    whole = grid.inverse(_whole(system, stations, rtt, grid))
    return {name: grid.percentile(whole, share_of(name)) for name in wanted}


def share_of(percentile: str) -> float:
    """`p95` -> 0.95, `p99.9` -> 0.999."""
    return float(percentile.removeprefix("p")) / 100


@dataclass(frozen=True)
class _Part:
    """One component as the request meets it: wait for a core, serve, then a fixed and a varying rest."""

    chance: float  # of waiting
    delay: float  # mean of that wait
    service: float
    variation: float
    fixed: float
    varying: float  # mean of an exponential time: what a managed store takes beside its CPU


def _station(system: System, name: str, serving: Serving, load: Mapping[str, Load]) -> _Part:
    part, here = system.component(name), load[name]
    cpu, variation = (part.cpu, part.variation) if isinstance(part, Service) else (here.cores / (here.peak or 1.0), 1.0)
    per_instance = serving.cores / max(1, serving.instances)
    chance = delay = service = 0.0
    if serving.cores > 0:
        servers = max(1, math.floor(per_instance + 1e-9))
        service = cpu / (serving.speed * min(1.0, per_instance))
        queue = Station(here.peak / max(1, serving.instances), service, variation, servers)
        chance, delay = (queue.waits, queue.delay) if queue.offered > 0 else (0.0, 0.0)
    elif isinstance(part, Service):
        delay = chance = math.inf
    if isinstance(part, Service):
        return _Part(chance, delay, service, variation, part.wait, 0.0)
    base = STORE_TIME[part.kind] if serving.base is None else serving.base
    return _Part(chance, delay, service, variation, 0.0, base)


class _Grid:
    """Times 0, step, 2 step … below `span`; a distribution is its probabilities' real FFT."""

    def __init__(self, span: float):
        self.step = span / STEPS
        self.z = _roots()

    def fixed(self, seconds: float) -> np.ndarray:
        """A constant; between two points of the grid it is split so that its mean is exact."""
        whole = math.floor(seconds / self.step)
        part = seconds / self.step - whole
        return self.z**whole * (1 - part + part * self.z)

    def gamma(self, mean: float, variation: float) -> np.ndarray:
        """A gamma time; on the grid a negative binomial of the same mean and variance."""
        m = mean / self.step
        excess = (m * variation) ** 2 - m
        if m <= 0 or excess <= 0:  # narrower than the grid can show
            return self.fixed(mean)
        shape = m * m / excess
        p = shape / (shape + m)
        return np.exp(shape * (math.log(p) - np.log(1 - (1 - p) * self.z)))

    def slower(self, times: list[np.ndarray]) -> np.ndarray:
        """The maximum of independent times."""
        if len(times) == 1:
            return times[0]
        below = np.prod([np.cumsum(self.inverse(one)) for one in times], axis=0)
        return np.fft.rfft(np.diff(below, prepend=0.0))

    def inverse(self, transform: np.ndarray) -> np.ndarray:
        return np.fft.irfft(transform, STEPS)

    def percentile(self, probabilities: np.ndarray, share: float) -> float:
        below = np.cumsum(probabilities)
        at = int(np.searchsorted(below, share))
        if at >= STEPS:
            return math.inf
        before = below[at - 1] if at else 0.0
        return float(self.step * max(0.0, at - 1 + (share - before) / max(probabilities[at], 1e-300)))


@lru_cache(maxsize=1)
def _roots() -> np.ndarray:
    return np.exp(-2j * np.pi * np.arange(STEPS // 2 + 1) / STEPS)


def _whole(system: System, parts: Mapping[str, _Part], rtt: Mapping[str, float], grid: _Grid) -> np.ndarray:
    done: dict[str, np.ndarray] = {}
    services = {service.name: service for service in system.services}

    def at(name: str) -> np.ndarray:
        if name not in done:
            done[name] = _own(parts[name], grid)
            if name in services:
                done[name] = done[name] * _calls(services[name].calls, at, grid)
        return done[name]

    inside = sum(service.traffic * at(service.name) for service in system.services if service.public)
    return inside * _network(system, rtt, grid)


def _own(part: _Part, grid: _Grid) -> np.ndarray:
    time = grid.gamma(part.service, part.variation)
    if part.chance:
        time = time * (1 - part.chance + part.chance * grid.gamma(part.delay, 1.0))
    if part.varying:
        time = time * grid.gamma(part.varying, 1.0)
    return time * grid.fixed(part.fixed) if part.fixed else time


def _calls(calls: tuple[Call, ...], at, grid: _Grid) -> np.ndarray:
    times, together = np.ones_like(grid.z), []
    for call in calls:
        once = at(call.to) * grid.fixed(HOP)
        if call.cached_by:
            once = at(call.cached_by) * grid.fixed(HOP) * (call.hit_rate + (1 - call.hit_rate) * once)
        whole, part = divmod(call.times, 1.0)
        made = once ** int(whole) * (1 - part + part * once)
        made = 1 - call.share + call.share * made
        if call.parallel:
            together.append(made)
        else:
            times = times * made
    return times * grid.slower(together) if together else times


def _network(system: System, rtt: Mapping[str, float], grid: _Grid) -> np.ndarray:
    users = system.promises.performance.users
    factor = 1 + 2 / REQUESTS_PER_CONNECTION
    if not users:
        return grid.fixed(HOP)
    far = np.zeros_like(grid.z)
    for country, share in users.items():
        far = far + share * grid.fixed(rtt.get(country, 0.0) * factor + HOP)
    return far


def _moments(system: System, parts: Mapping[str, _Part], rtt: Mapping[str, float]) -> tuple[float, float]:
    """Mean and an upper bound of the variance of the whole, calls taken one after the other: sets the grid."""
    done: dict[str, tuple[float, float]] = {}
    services = {service.name: service for service in system.services}

    def at(name: str) -> tuple[float, float]:
        if name not in done:
            one = parts[name]
            mean = (
                one.chance * one.delay + one.service + one.fixed + one.varying
                if one.chance
                else (one.service + one.fixed + one.varying)
            )
            second = (2 - one.chance) * one.chance * one.delay**2 if one.chance else 0.0
            variance = second + (one.service * one.variation) ** 2 + one.varying**2
            for call in services[name].calls if name in services else ():
                to_mean, to_variance = at(call.to)
                to_mean += HOP
                n = call.times
                many, spread = n * to_mean, n * to_variance + (n % 1) * to_mean**2
                share = call.share * (1 - call.hit_rate if call.cached_by else 1.0)
                mean += share * many
                variance += share * spread + share * (1 - share) * many**2
                if call.cached_by:
                    c_mean, c_variance = at(call.cached_by)
                    mean += call.share * n * (c_mean + HOP)
                    variance += n * n * (c_variance + c_mean**2)
            done[name] = mean, variance
        return done[name]

    entries = [(s.traffic, *at(s.name)) for s in system.services if s.public]
    mean = sum(share * m for share, m, _ in entries)
    if not math.isfinite(mean):
        return math.inf, math.inf
    variance = sum(share * (v + (m - mean) ** 2) for share, m, v in entries)
    users = system.promises.performance.users
    far = max((rtt.get(country, 0.0) for country in users), default=0.0) * (1 + 2 / REQUESTS_PER_CONNECTION) + HOP
    return mean + far, variance


def assumed(system: System) -> tuple[Assumption, ...]:
    """The numbers used here that nobody declared, for the parts that are really there."""
    found = [
        Assumption("latency: hop", f"{HOP * 1e3:g} ms", "between two parts in different zones, there and back"),
        Assumption(
            "latency: connections",
            f"{REQUESTS_PER_CONNECTION} requests each",
            "the two round trips of TCP and TLS 1.3 are spread over them",
        ),
    ]
    called = {call.to for service in system.services for call in service.calls}
    called |= {call.cached_by for service in system.services for call in service.calls}
    for store in system.stores:
        if isinstance(store, Store) and store.name in called:
            value = f"{STORE_TIME[store.kind] * 1e3:g} ms per call"
            found.append(Assumption(f"store {store.name}: time", value, "mean, exponential", store.place))
    return tuple(found)
