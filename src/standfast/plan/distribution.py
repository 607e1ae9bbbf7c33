"""Arithmetic of random times: one after the other, one or the other, the slower of several.

Two algebras speak the same words. `Moments` carries mean, variance and tail; it is quick and says how wide a
grid must be. `Grid` carries whole distributions: probabilities on a lattice of equal steps, held as their probability
generating function at the roots of unity (their FFT), so that "one after the other" is a product and "one or the
other" a weighted sum; only "the slower" needs the way back. Source: Grübel and Hermesmeier, "Computation of
compound distributions I: aliasing errors and exponential tilting", ASTIN Bulletin 29 (1999). Times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

STEPS = 2048

Time = Any  # a random time in the form of its algebra


class Algebra(Protocol):
    def fixed(self, seconds: float) -> Time:
        """A constant."""
        ...

    def gamma(self, mean: float, variation: float) -> Time:
        """A gamma time of that mean and coefficient of variation; variation 1 is exponential."""
        ...

    def after(self, first: Time, second: Time) -> Time:
        """One after the other, independent."""
        ...

    def choice(self, options: Iterable[tuple[float, Time]]) -> Time:
        """One of several, each with its probability."""
        ...

    def repeat(self, time: Time, count: int) -> Time:
        """`count` independent copies, one after the other."""
        ...

    def slower(self, times: list[Time]) -> Time:
        """The maximum of independent times."""
        ...


class Moments:
    """(mean, variance, tail): `tail` is the longest time constant with which the chance of later dies away.

    For the slower of several an upper bound: their sum.
    """

    def fixed(self, seconds: float) -> Time:
        return seconds, 0.0, 0.0

    def gamma(self, mean: float, variation: float) -> Time:
        return mean, (mean * variation) ** 2, mean * variation**2

    def after(self, first: Time, second: Time) -> Time:
        return first[0] + second[0], first[1] + second[1], max(first[2], second[2])

    def choice(self, options: Iterable[tuple[float, Time]]) -> Time:
        there = [(p, *time) for p, time in options if p > 0]
        whole = sum(p * mean for p, mean, _, _ in there)
        variance = sum(p * (variance + (mean - whole) ** 2) for p, mean, variance, _ in there)
        return whole, variance, max(tail for _, _, _, tail in there)

    def repeat(self, time: Time, count: int) -> Time:
        return (count * time[0], count * time[1], time[2]) if count else (0.0, 0.0, 0.0)

    def slower(self, times: list[Time]) -> Time:
        return sum(time[0] for time in times), sum(time[1] for time in times), max(time[2] for time in times)


class Grid:
    """Distributions on 0, step, 2 step …; wide enough that next to nothing of a time of these moments lies beyond.

    Steps are powers of two, so that a small change of one part leaves the grid, and what is cached, as it was.
    """

    def __init__(self, moments: Time):
        mean, variance, tail = moments
        span = mean + 7 * math.sqrt(variance) + 9 * tail + 1e-6
        self.step = 2.0 ** math.ceil(math.log2(span / (STEPS - 2)))

    def fixed(self, seconds: float) -> Time:
        return _fixed(seconds / self.step)

    def gamma(self, mean: float, variation: float) -> Time:
        return _gamma(mean / self.step, variation)

    def after(self, first: Time, second: Time) -> Time:
        return first * second

    def choice(self, options: Iterable[tuple[float, Time]]) -> Time:
        return sum((p * time for p, time in options if p > 0), start=np.zeros(STEPS // 2 + 1, complex))

    def repeat(self, time: Time, count: int) -> Time:
        return time**count

    def slower(self, times: list[Time]) -> Time:
        if len(times) == 1:
            return times[0]
        below = np.prod([np.cumsum(np.fft.irfft(one, STEPS)) for one in times], axis=0)
        return np.fft.rfft(np.diff(below, prepend=0.0))

    def percentiles(self, time: Time, shares: Iterable[float]) -> list[float]:
        """Seconds that these shares do not exceed. A point of the grid stands for the step around it."""
        chances = np.fft.irfft(time, STEPS)
        below = np.cumsum(chances)
        found = []
        for share in shares:
            at = int(np.searchsorted(below, share))
            if at >= STEPS:
                found.append(math.inf)
                continue
            part = 1 - (below[at] - share) / chances[at] if chances[at] > 0 else 1.0
            found.append(float(max(0.0, at - 0.5 + part) * self.step))
        return found


@lru_cache(maxsize=1)
def _roots() -> np.ndarray:
    return np.exp(-2j * np.pi * np.arange(STEPS) / STEPS)


@lru_cache(maxsize=256)
def _fixed(steps: float) -> np.ndarray:
    """A constant; between two points of the grid it is split so that its mean is exact."""
    whole = math.floor(steps)
    part = steps - whole
    places = np.arange(STEPS // 2 + 1)
    roots = _roots()
    return (1 - part) * roots[places * whole % STEPS] + part * roots[places * (whole + 1) % STEPS]


@lru_cache(maxsize=1024)
def _gamma(mean: float, variation: float) -> np.ndarray:
    """A gamma time; on the lattice a constant and a negative binomial with the same mean, variance and skewness.

    All in steps. A time more even than half a step is a constant.
    """
    variance = (mean * variation) ** 2
    if mean <= 0 or variance < 0.25:
        return _fixed(max(0.0, mean))
    p = min(0.9, 2 / (1 + 2 * variance / mean))  # skewness (2 - p) / (p sd) = 2 sd / mean; above 0.9 it is small
    varying = p * variance
    shape = varying * p / (1 - p)
    return _fixed(mean - varying) * np.exp(shape * (math.log(p) - np.log(1 - (1 - p) * _roots()[: STEPS // 2 + 1])))
