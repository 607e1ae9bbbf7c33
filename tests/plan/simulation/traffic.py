"""Requests one by one through real queues, in SimPy: the oracle of the latency model.

`through_queues`  the call graph as it is: every request really waits in the queues that the others make
`apart`           the same with the model's own assumption: every queue alone with Poisson arrivals, and each visit an
                  independent draw from it
"""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping

import simpy

from standfast.plan.models.latency import HOP, REQUESTS_PER_CONNECTION, STORE_TIME, Serving
from standfast.plan.models.load import Load, loads
from standfast.spec.model import Call, Service, System

WARM = 0.1  # of the requests, not counted: the queues begin empty


class Part:
    """One component: its instances, each a queue before some cores, and what one visit takes of them."""

    def __init__(self, system: System, name: str, serving: Serving, load: Load):
        component = system.component(name)
        self.calls: tuple[Call, ...] = component.calls if isinstance(component, Service) else ()
        if isinstance(component, Service):
            self.cpu, self.variation, self.wait, self.base = component.cpu, component.variation, component.wait, 0.0
        else:
            self.cpu, self.variation, self.wait = load.cores / load.peak, 1.0, 0.0
            self.base = STORE_TIME[component.kind] if serving.base is None else serving.base
        self.cpu /= serving.speed
        self.rate = load.peak
        self.instances, self.cores = serving.instances, int(serving.cores / serving.instances)

    def work(self, dice: random.Random) -> float:
        """Seconds of a core for one visit."""
        if not self.variation:
            return self.cpu
        shape = self.variation**-2
        return dice.gammavariate(shape, self.cpu / shape)

    def beside(self, dice: random.Random) -> float:
        """Seconds of a visit that need no core."""
        return self.wait + (dice.expovariate(1 / self.base) if self.base else 0.0)


def parts(system: System, serving: Mapping[str, Serving]) -> dict[str, Part]:
    load = loads(system)
    return {name: Part(system, name, serving[name], load[name]) for name in load if load[name].peak}


def through_queues(
    system: System,
    serving: Mapping[str, Serving],
    count: int,
    seed: int,
    rtt: Mapping[str, float] | None = None,
    shortest: bool = False,
) -> list[float]:
    """Seconds of `count` requests. `shortest`: the balancer sends each to the instance with the fewest."""
    env, dice, found = simpy.Environment(), random.Random(seed), parts(system, serving)
    stations = {
        name: [simpy.Resource(env, part.cores) for _ in range(part.instances)] if part.cores else []
        for name, part in found.items()
    }
    times: list[float] = []

    def visit(name: str) -> Generator:
        part = found[name]
        if choice := stations[name]:
            station = min(choice, key=_queued) if shortest else dice.choice(choice)
            with station.request() as turn:
                yield turn
                yield env.timeout(part.work(dice))
        yield env.timeout(part.beside(dice))
        for call in part.calls:
            if not call.parallel:
                yield from made(call)
        if together := [env.process(made(call)) for call in part.calls if call.parallel]:
            yield env.all_of(together)

    def made(call: Call) -> Generator:
        for _ in range(_copies(call, dice)):
            if call.cached_by:
                yield env.timeout(HOP)
                yield from visit(call.cached_by)
                if dice.random() < call.hit_rate:
                    continue
            yield env.timeout(HOP)
            yield from visit(call.to)
            if call.cached_by:
                env.process(visit(call.cached_by))  # what was missed is filled in; nobody waits for it

    def request(door: str, network: float) -> Generator:
        began = env.now
        yield env.timeout(network)
        yield from visit(door)
        times.append(env.now - began)

    def arrive() -> Generator:
        peak = system.promises.scalability.at_horizon(system.promises.scalability.peak)
        for _ in range(count):
            yield env.timeout(dice.expovariate(peak))
            env.process(request(_door(system, dice), _network(system, dice, rtt or {})))

    env.process(arrive())
    env.run()
    return times[int(WARM * len(times)) :]


def apart(
    system: System, serving: Mapping[str, Serving], count: int, seed: int, rtt: Mapping[str, float] | None = None
) -> list[float]:
    """Seconds of `count` requests whose visits know nothing of each other."""
    dice, found = random.Random(seed), parts(system, serving)
    pools = {name: _alone(part, count, seed) if part.cores else [0.0] for name, part in found.items()}

    def visit(name: str) -> float:
        part = found[name]
        total = dice.choice(pools[name]) + part.beside(dice)
        total += sum(made(call) for call in part.calls if not call.parallel)
        return total + max((made(call) for call in part.calls if call.parallel), default=0.0)

    def made(call: Call) -> float:
        total = 0.0
        for _ in range(_copies(call, dice)):
            if call.cached_by:
                total += HOP + visit(call.cached_by)
                if dice.random() < call.hit_rate:
                    continue
            total += HOP + visit(call.to)
        return total

    return [_network(system, dice, rtt or {}) + visit(_door(system, dice)) for _ in range(count)]


def _alone(part: Part, count: int, seed: int) -> list[float]:
    """Seconds of wait and work in one instance's queue with Poisson arrivals of its share."""
    env, dice = simpy.Environment(), random.Random(seed)
    station = simpy.Resource(env, part.cores)
    times: list[float] = []

    def visit() -> Generator:
        began = env.now
        with station.request() as turn:
            yield turn
            yield env.timeout(part.work(dice))
        times.append(env.now - began)

    def arrive() -> Generator:
        for _ in range(count):
            yield env.timeout(dice.expovariate(part.rate / part.instances))
            env.process(visit())

    env.process(arrive())
    env.run()
    return times[int(WARM * len(times)) :]


def _queued(station: simpy.Resource) -> int:
    return station.count + len(station.queue)


def _copies(call: Call, dice: random.Random) -> int:
    if dice.random() >= call.share:
        return 0
    return int(call.times) + (dice.random() < call.times % 1)


def _door(system: System, dice: random.Random) -> str:
    public = [service for service in system.services if service.public]
    return dice.choices(public, [service.traffic for service in public])[0].name


def _network(system: System, dice: random.Random, rtt: Mapping[str, float]) -> float:
    users = system.promises.performance.users
    country = dice.choices(list(users), list(users.values()))[0] if users else ""
    return rtt.get(country, 0.0) * (1 + 2 / REQUESTS_PER_CONNECTION) + HOP
