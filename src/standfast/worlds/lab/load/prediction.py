"""What the plan's model says of the lab itself: the same call graph, on the few cores that everything here shares.

Two things no spec tells are measured first, under a light load: the CPU time that all other programs use for a
request (balancer, stores, the generator), and the time that goes by beside CPU (connections, commits, the network of
this machine). Everything else is the plan's: visits from the call graph, CPU times from the spec, the composition of
`plan/models/latency`; only the wait for a core is that of `shared`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from standfast.plan.models import distribution
from standfast.plan.models.distribution import Algebra, Moments, Time
from standfast.plan.models.latency import request, share_of
from standfast.plan.models.load import loads
from standfast.plan.models.queueing import Station
from standfast.spec.model import Service, System
from standfast.worlds.lab.load.shared import Machine, Visit

EVENNESS = 0.5  # coefficient of variation of what the other programs use for a request
BUSY = 0.8  # of the cores: above it, waits grow faster than the load


@dataclass(frozen=True)
class Calibration:
    """What a light load showed.

    `over`: seconds of CPU per request of everything but the services; `beside`: seconds that a request took beyond what
    the model says; `idle`: cores that the lab keeps busy with no load at all (health checks, the keeper, scrapes);
    `others`: cores that programs of others kept busy. The model takes the machine as quiet: how much others get in the
    way depends on the kernel and on priorities.
    """

    requests: int
    over: float = 0.0
    beside: float = 0.0
    idle: float = 0.0
    others: float = 0.0


@dataclass(frozen=True)
class Here:
    """The lab's own capacities: cores that all share, and how many requests each service can work on at once."""

    cores: int
    threads: Mapping[str, int] = field(default_factory=dict)  # a service that is not named: as many as come

    def few(self, name: str) -> bool:
        """Whether the service itself, and not the machine, is where its requests stand in line."""
        return self.threads.get(name, self.cores) < self.cores


def visits(system: System) -> dict[str, float]:
    """Visits to each service by one request of a user."""
    wanted = system.promises.scalability
    load = loads(system)
    return {one.name: load[one.name].average / wanted.average for one in system.services}


def declared_cpu(system: System) -> float:
    """CPU seconds of one request in all services, as the spec has it."""
    times = visits(system)
    return sum(times[one.name] * one.cpu for one in system.services)


def capacity(system: System, calibration: Calibration, here: Here) -> float:
    """Requests per second at which the cores are full, or the instances of one service."""
    each, times = declared_cpu(system) + calibration.over, visits(system)
    limits = [max(0.0, here.cores - calibration.idle) / each] if each else []
    limits += [
        here.threads[one.name] / (times[one.name] * one.cpu)
        for one in system.services
        if one.name in here.threads and times[one.name] * one.cpu
    ]
    return min(limits, default=math.inf)


def machine(system: System, rps: float, calibration: Calibration, here: Here, without: str = "") -> Machine:
    """Jobs of many sizes as jobs of one: the same load, and their mean size as a core sees it (larger ones are there
    for longer). `without` one service."""
    times = visits(system)
    jobs = [(rps * times[one.name], one.cpu) for one in system.services if one.name != without]
    jobs.append((rps, calibration.over))
    offered = sum(rate * work for rate, work in jobs)
    if not offered:
        return Machine(here.cores, 0.0, 0.0)
    work = sum(rate * work * work for rate, work in jobs) / offered
    return Machine(here.cores, (offered + calibration.idle) / work, work)


def _time(system: System, rps: float, calibration: Calibration, here: Here, a: Algebra) -> Time:
    """A service with fewer threads than the machine has cores is a station with a line of its own, slowed down by what
    the others do; all else shares the cores."""
    times = visits(system)

    def station(part: Service) -> Time:
        threads = here.threads[part.name]
        crowded = sum(here.threads.get(one.name, here.cores) for one in system.services) > here.cores
        slower = machine(system, rps, calibration, here, part.name).stretch if crowded else 1.0
        return Station(rps * times[part.name], part.cpu * slower, part.variation, threads).time(a)

    lines = {one.name: station(one) for one in system.services if here.few(one.name)}

    def time(visit: Visit) -> Time:
        def own(name: str) -> Time:
            part = system.component(name)
            if not isinstance(part, Service):
                return a.fixed(0.0)  # what stores take is in `over` and `beside`
            return a.after(lines[name] if name in lines else visit(part.cpu, part.variation), a.fixed(part.wait))

        return a.after(request(system, own, {}, a), visit(calibration.over, EVENNESS))

    return machine(system, rps, calibration, here).request(time, a)


def mean(system: System, rps: float, calibration: Calibration, here: Here) -> float:
    """Mean seconds of a request, without `beside`."""
    return _time(system, rps, calibration, here, Moments())[0]


def predicted(
    system: System, rps: float, calibration: Calibration, here: Here, wanted: Iterable[str] = ("p50", "p95", "p99")
) -> Mapping[str, float]:
    """Seconds within which these shares of the requests are answered, at `rps`; inf where the lab is full."""
    wanted = tuple(wanted)
    if rps >= capacity(system, calibration, here):
        return dict.fromkeys(wanted, math.inf)
    found = distribution.percentiles(lambda a: _time(system, rps, calibration, here, a), map(share_of, wanted))
    return {name: value + calibration.beside for name, value in zip(wanted, found, strict=True)}


def own_cores() -> int:
    """The cores that processes of this one may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
