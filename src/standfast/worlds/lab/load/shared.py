"""Few cores that everything shares: how long a visit takes where all instances are processes of one machine.

In production each instance has cores of its own, and a request waits for a free one (`plan/models/queueing`). Here the
kernel gives every running thread a fair part of the same few cores: processor sharing. With n jobs there, each gets
min(1, cores / n) of a core. How many there are when a request comes is known: the same as in M/M/c, whatever the sizes
of the jobs (Kelly, "Reversibility and Stochastic Networks", 1979: symmetric queues are insensitive; Poisson arrivals
see time averages). How long it then takes follows from a birth-death chain that ends when the request's own work is
done; its first two moments, for each n, are solved for exactly, and a gamma time stands for each.

A request meets the same crowd on all its way: it comes and goes more slowly than the request does. So all visits of one
request are taken as finding the same n (held against a simulation in the tests: taking the visits as independent made
the p95 of five visits a quarter too low).

Approximate are: others' work is taken as exponential while the request is there; a service has threads enough to keep
all cores busy (`prediction` looks after one that has not); the kernel's time slices are taken as infinitely short.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from standfast.plan.models.distribution import Algebra, Time
from standfast.plan.models.queueing import erlang_c

MOST = 200  # jobs at once; more is not seen below 97 % busy
RARE = 1e-5  # chance of so many jobs below which it is left out
PHASES = 16  # of the work of one request where it varies little

Visit = Callable[[float, float], Time]  # mean work in seconds of a core, coefficient of variation -> a random time


@dataclass(frozen=True)
class Machine:
    """`cores` shared by jobs that come at `rate` per second and take `work` seconds of a core each, on average."""

    cores: int
    rate: float
    work: float

    @property
    def offered(self) -> float:
        return self.rate * self.work

    @property
    def busy(self) -> float:
        return self.offered / self.cores

    @property
    def stretch(self) -> float:
        """How many times longer than its work a job takes, on average; inf where there is no steady state."""
        if self.offered >= self.cores:
            return math.inf
        return 1 + erlang_c(self.cores, self.offered) / (self.cores - self.offered) if self.offered else 1.0

    def present(self) -> np.ndarray:
        """Probability of n jobs, shape (MOST,): that of M/M/c."""
        n = np.arange(1, MOST)
        steps = np.log(self.offered / np.minimum(n, self.cores)) if self.offered else np.full(MOST - 1, -np.inf)
        weights = np.exp(np.concatenate([[0.0], np.cumsum(steps)]))
        return weights / weights.sum()

    def request(self, time: Callable[[Visit], Time], a: Algebra) -> Time:
        """A request as a random time. `time`: what it takes, given what one visit of some work and variation takes."""
        if self.offered >= self.cores:
            return a.fixed(math.inf)
        present = self.present()
        there = [n for n in range(MOST) if present[n] > RARE]
        whole = sum(present[n] for n in there)
        return a.choice((present[n] / whole, time(self._visit(n, a))) for n in there)

    def _visit(self, n: int, a: Algebra) -> Visit:
        """One more job that finds n others, from its arrival to its end."""

        def visit(work: float, variation: float) -> Time:
            if work <= 0:
                return a.fixed(0.0)
            kinds = []
            for share, mean, phases in _phases(work, variation):
                first, second = (float(row[n]) for row in _moments(self, mean, phases))
                kinds.append((share, a.gamma(first, math.sqrt(max(0.0, second - first * first)) / first)))
            return a.choice(kinds)

        return visit


def _phases(work: float, variation: float) -> list[tuple[float, float, int]]:
    """Work as exponential phases, with its mean and variation: (share, mean, how many phases one after the other).

    Below 1 an Erlang time of the nearest number of phases; above it one of two exponentials with balanced means.
    """
    if variation <= 1:
        count = PHASES if variation**2 * PHASES <= 1 else max(1, round(1 / variation**2))
        return [(1.0, work, count)]
    square = variation**2
    p = (1 + math.sqrt((square - 1) / (square + 1))) / 2
    return [(p, work / (2 * p), 1), (1 - p, work / (2 * (1 - p)), 1)]


@lru_cache(maxsize=256)
def _moments(machine: Machine, work: float, phases: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and mean square of the time of a job that finds n others, shape (MOST,) each."""
    n = np.arange(MOST)
    part = np.minimum(1.0, machine.cores / (n + 1))  # of a core, for each
    up = np.full(MOST, machine.rate)
    up[-1] = 0.0
    down = n * part / machine.work if machine.work else np.zeros(MOST)
    done = part * phases / work
    matrix = np.diag(up + down + done) - np.diag(up[:-1], 1) - np.diag(down[1:], -1)
    first, second = np.zeros(MOST), np.zeros(MOST)
    inverse = np.linalg.inv(matrix)
    for _ in range(phases):  # from the last phase back to the first
        first = inverse @ (1.0 + done * first)
        second = inverse @ (2 * first + done * second)
    return first, second
