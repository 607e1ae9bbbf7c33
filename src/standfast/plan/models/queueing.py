"""Waiting lines: how long a request waits for a free core, and how many cores keep that wait short.

Arrivals are Poisson; a station has c equal servers and an endless queue, first come first served.
Times are seconds, rates per second; the offered load is rate times mean service time, in erlangs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from standfast.plan.models.distribution import Algebra, Time, percentiles


def erlang_b(servers: int, offered: float) -> float:
    """Probability that all servers are busy when nobody may wait (M/G/c/c).

    The recursion B(n) = a B(n-1) / (n + a B(n-1)) only adds and divides positive numbers: it keeps its digits for
    ten thousand servers (Iversen, "Teletraffic Engineering and Network Planning", 2015, chapter
    on Erlang's loss system).
    """
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked


@lru_cache(maxsize=4096)
def erlang_c(servers: int, offered: float) -> float:
    """Probability that an arrival has to wait (M/M/c): C = B / (1 - rho (1 - B)); 1 where there is no steady state.

    Iversen, chapter on delay systems.
    """
    return _waits(erlang_b(servers, offered), servers, offered) if 0 < offered < servers else float(offered > 0)


def _waits(blocked: float, servers: int, offered: float) -> float:
    return blocked / (1 - offered / servers * (1 - blocked))


@dataclass(frozen=True)
class Station:
    """One M/G/c station: arrivals per second, mean service time, its coefficient of variation, servers."""

    arrivals: float
    service: float
    variation: float = 1.0
    servers: int = 1

    @property
    def offered(self) -> float:
        return self.arrivals * self.service

    @property
    def utilisation(self) -> float:
        return self.offered / self.servers

    @property
    def waits(self) -> float:
        """Probability of waiting: Erlang C, exact for M/M/c and M/G/1, a close approximation for M/G/c."""
        return erlang_c(self.servers, self.offered)

    @property
    def delay(self) -> float:
        """Mean wait of those who wait, seconds; inf where there is no steady state.

        Allen–Cunneen with Poisson arrivals: (1 + cv²)/2 times that of M/M/c (Allen, "Probability, Statistics, and
        Queueing Theory", 2nd ed. 1990); exact for M/M/c and for M/G/1 (Pollaczek–Khinchine).
        """
        if self.offered >= self.servers:
            return math.inf
        return self.service * (1 + self.variation**2) / 2 / (self.servers - self.offered)

    @property
    def wait(self) -> float:
        """Mean wait of all, seconds."""
        waits = self.waits
        return waits * self.delay if waits else 0.0

    @property
    def sojourn(self) -> float:
        """Mean time in the station: wait and service."""
        return self.wait + self.service

    def wait_percentile(self, share: float) -> float:
        """The wait that `share` of the requests do not exceed.

        The wait is 0 with probability 1 - C and else exponential with the mean `delay`; exact for M/M/c.
        """
        waits = self.waits
        if self.offered >= self.servers:
            return math.inf
        return 0.0 if waits <= 1 - share else self.delay * math.log(waits / (1 - share))

    def time(self, a: Algebra) -> Time:
        """Wait and service as a random time: that wait, then a gamma service time, taken as independent."""
        service, waits = a.gamma(self.service, self.variation), self.waits
        if not waits:
            return service
        return a.after(a.choice(((1 - waits, a.fixed(0.0)), (waits, a.gamma(self.delay, 1.0)))), service)

    def sojourn_percentile(self, share: float) -> float:
        """The time in the station that `share` of the requests do not exceed."""
        return percentiles(self.time, (share,))[0]


def needed(
    arrivals: float,
    service: float,
    variation: float = 1.0,
    utilisation: float = 1.0,
    share: float = 0.95,
    wait: float = math.inf,
) -> int:
    """Fewest servers with a steady state, at or below `utilisation`, where `share` of the requests wait at most `wait`.

    One pass of the recursion of `erlang_b`, so linear in the answer. `share` is below 1.
    """
    offered = arrivals * service
    servers = max(1, math.ceil(offered / utilisation - 1e-9))
    blocked = erlang_b(servers, offered)
    while True:
        if offered < servers:
            if math.isinf(wait):
                return servers
            waits = _waits(blocked, servers, offered)
            delay = service * (1 + variation**2) / 2 / (servers - offered)
            if waits <= 1 - share or delay * math.log(waits / (1 - share)) <= wait:
                return servers
        servers += 1
        blocked = offered * blocked / (servers + offered * blocked)
