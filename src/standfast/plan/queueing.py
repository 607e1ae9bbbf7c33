"""Waiting lines: how long a request waits for a free core, and how many cores keep that wait short.

Arrivals are Poisson; a station has c equal servers and an endless queue, first come first served.
Times are seconds, rates per second; `offered` load is rate times mean service time, in erlangs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


def erlang_b(servers: int, offered: float) -> float:
    """Probability that all servers are busy when none may wait (M/G/c/c).

    The recursion B(n) = a B(n-1) / (n + a B(n-1)), which adds positive numbers alone and so stays exact to
    rounding for any number of servers (Erlang 1917; ITU-D Teletraffic Engineering Handbook, section 7.3).
    """
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked


def erlang_c(servers: int, offered: float) -> float:
    """Probability that an arrival has to wait (M/M/c): C = B / (1 - rho (1 - B)); 1 when there is no steady state.

    ITU-D Teletraffic Engineering Handbook, section 12.1 (Erlang's waiting time system).
    """
    if offered <= 0:
        return 0.0
    if offered >= servers:
        return 1.0
    blocked = erlang_b(servers, offered)
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
        """Probability of waiting: Erlang C, exact for M/M/c and a close approximation for M/G/c."""
        return erlang_c(self.servers, self.offered)

    @property
    def delay(self) -> float:
        """Mean wait of those who wait, seconds; inf when there is no steady state.

        Allen–Cunneen with Poisson arrivals: (1 + cv²)/2 times that of M/M/c (Allen, "Probability, Statistics and
        Queueing Theory", 2nd ed. 1990, section 5.2.8); exact for M/M/c and for M/G/1 (Pollaczek–Khinchine).
        """
        if self.offered >= self.servers:
            return math.inf
        return self.service * (1 + self.variation**2) / 2 / (self.servers - self.offered)

    @property
    def wait(self) -> float:
        """Mean wait of all, seconds."""
        return self.waits * self.delay if self.offered > 0 else 0.0

    @property
    def sojourn(self) -> float:
        """Mean time in the station: wait and service."""
        return self.wait + self.service

    def wait_percentile(self, share: float) -> float:
        """The wait that `share` of the requests do not exceed.

        The wait is taken as 0 with probability 1 - C and else exponential with the matched mean; exact for M/M/c.
        """
        waits = self.waits
        if self.offered >= self.servers:
            return math.inf
        return 0.0 if share <= 1 - waits else self.delay * math.log(waits / (1 - share))


def needed(
    arrivals: float,
    service: float,
    variation: float = 1.0,
    utilisation: float = 1.0,
    share: float = 0.95,
    wait: float = math.inf,
) -> int:
    """Fewest servers that stay at or below `utilisation` and keep the wait of `share` of the requests within `wait`."""
    offered = arrivals * service
    servers, blocked, n = max(1, math.ceil(offered / utilisation - 1e-9)), 1.0, 0
    while True:
        while n < servers:
            n += 1
            blocked = offered * blocked / (n + offered * blocked)
        if offered < servers:
            if math.isinf(wait):
                return servers
            waits = blocked / (1 - offered / servers * (1 - blocked))
            delay = service * (1 + variation**2) / 2 / (servers - offered)
            if waits <= 1 - share or delay * math.log(waits / (1 - share)) <= wait:
                return servers
        servers += 1
