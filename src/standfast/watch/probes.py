"""Synthetic checks: a promise seen from outside, by a request that any user could send. No product's words.

One for each public service: its health page under its own name, over TLS. What it tells that the servers' own
figures cannot: that names resolve, that the certificate holds, that the balancer hands requests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from standfast.plan import Plan
from standfast.problem import Place

EVERY = 60  # seconds between two requests from one place: assumed
TIMEOUT = 10.0  # seconds after which nobody waits any more; longer than what is promised
PLACES = 3  # at most so many countries, those of most users


@dataclass(frozen=True)
class Probe:
    """`method path` of a service must answer `status`. `limits`: (share of requests, seconds) as promised, the smallest
    share first. `places`: countries (ISO 3166) that users come from, most users first; empty where the spec is silent.
    `front`: it answers on the bare domain. `inside`: nobody outside the network may ask.
    """

    service: str
    path: str
    limits: tuple[tuple[float, float], ...]
    places: tuple[str, ...]
    place: Place
    owner: str = ""
    inside: bool = False
    front: bool = False
    method: str = "GET"
    status: int = 200

    @property
    def timeout(self) -> float:
        """Seconds that a request may take before it counts as failed."""
        return max([TIMEOUT, *(2 * seconds for _, seconds in self.limits)])

    @property
    def every(self) -> int:
        """Seconds between two requests: a minute, or as many as it takes to wait for the first."""
        return EVERY * (1 + int(self.timeout // (EVERY - 5)))

    @property
    def what(self) -> str:
        return f"{self.method} {self.path} of {self.service}"

    def address(self, domain: str) -> str:
        """Where it is asked for. `domain`: the name of the whole system, or what stands for it."""
        return f"https://{'' if self.front else f'{self.service}.'}{domain}{self.path}"


def probes_of(plan: Plan) -> tuple[Probe, ...]:
    """One for each service that users reach, by name. Pure."""
    system = plan.system
    inside = system.promises.security.exposure != "public"
    wanted = system.promises.performance
    limits = tuple(sorted((int(name[1:]) / 100, seconds) for name, seconds in wanted.percentiles.items()))
    public = sorted((one for one in system.services if one.public), key=lambda one: -one.traffic)
    found = (
        Probe(
            one.name, one.health, limits, _places(wanted.users), one.where("health"), system.owner, inside, not number
        )
        for number, one in enumerate(public)  # as blueprints do: the one with the most traffic has the bare domain
    )
    return tuple(sorted(found, key=lambda one: one.service))


def _places(users: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(users, key=lambda country: (-users[country], country))[:PLACES])
