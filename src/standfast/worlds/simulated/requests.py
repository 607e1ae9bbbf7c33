"""The way of one request through the call graph of the simulated system: how long it takes, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from standfast.spec.model import Service, Store
from standfast.worlds.simulated.machines import Machine, Machines

GIVES_UP = 2.0  # seconds after which a user has gone
HOP, WORK = 0.002, 0.005  # seconds of a hop and of the work of one service
QUEUE = 0.1  # seconds of waiting beyond which what is too much is refused


@dataclass
class Queue:
    """What waits before all hosts of one service, in requests."""

    waiting: float = 0.0
    since: float = 0.0


@dataclass
class Router:
    """`rate`: requests per second that one host of a service carries."""

    machines: Machines
    rate: float
    queues: dict[str, Queue] = field(default_factory=dict)
    turn: int = 0
    past_edge: bool = False

    def request(self, now: float) -> tuple[float, int]:
        """(seconds, status): 0 where no answer came."""
        self.turn += 1
        public = [one for one in self.machines.shape.system.services if one.public]
        if not public:
            return 0.0, 0
        if not self.past_edge:
            edges = self.machines.role("edge")
            if edges and not any(one.answers and not one.expired for one in edges):
                return HOP, 0
        balancers = self.machines.role("balancer")
        if balancers and not any(one.answers and not one.expired for one in balancers):
            return HOP, 0
        took, status = self._service(public[self.turn % len(public)], now)
        return (GIVES_UP, 0) if took > GIVES_UP else (took, status)

    def _service(self, service: Service, now: float) -> tuple[float, int]:
        machines = self.machines.of(service.name)
        turns = [one for one in machines if one.in_turn]
        if not turns:
            return HOP, 503
        one = turns[(self.turn // 3 + self.turn) % len(turns)]
        if one.cut:
            return GIVES_UP + 1.0, 0
        if not one.answers:
            return HOP, 502
        wait = self._queue(service.name, turns, now)
        if wait is None:
            return HOP, 503
        took, status = HOP + WORK + wait + 2 * one.slow, 401 if one.skew else 200
        if (self.turn * one.failing) % 1 < one.failing:  # that share of them, one after the other
            return took, 500
        for call in service.calls:
            if call.cached_by:
                self._store(self.machines.shape.system.component(call.cached_by))
            more, answer = self._call(call.to, now)
            optional = not call.essential and self.machines.shape.remedies.optional
            if not 200 <= answer < 400:
                more, status = (HOP, status) if optional else (more, 500)  # what is optional is given up at once
            took += more
        return took, status

    def _call(self, name: str, now: float) -> tuple[float, int]:
        part = self.machines.shape.system.component(name)
        return self._store(part) if isinstance(part, Store) else self._service(part, now)

    def _store(self, store: Store | Service) -> tuple[float, int]:
        """A store that the shape has no host of is the cloud's own, and always there."""
        machines = self.machines.of(store.name)
        base = self.machines.bases.get(store.name)
        if base is not None:
            machines = [self.machines.all[base.leader]]
        if machines and not any(_serves(one) for one in machines):
            return HOP, 500
        return HOP, 200

    def _queue(self, name: str, turns: list[Machine], now: float) -> float | None:
        """Seconds that it waits; None where it is refused."""
        queue, rate = self.queues.setdefault(name, Queue()), self.rate * len(turns)
        queue.waiting = max(0.0, queue.waiting - rate * (now - queue.since))
        queue.since = now
        wait = queue.waiting / rate
        if wait > QUEUE and self.machines.shape.remedies.shedding:
            return None
        queue.waiting += 1
        return wait


def _serves(one: Machine) -> bool:
    return one.answers and not one.full
