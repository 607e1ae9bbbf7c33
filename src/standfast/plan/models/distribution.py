"""Arithmetic of random times: one after the other, one or the other, the slower of several.

Two algebras speak the same words. `Moments` carries mean and variance: quick, and enough to choose a grid. `Grid`
carries whole distributions: probabilities on a lattice of equal steps, held as their probability generating function
on a circle (their FFT), so that "one after the other" is a product and "one or the other" a weighted sum; only "the
slower" needs the way back. The circle is a little smaller than one: what lies beyond the grid then does not fold
back into it. Source: Grübel and Hermesmeier, "Computation of compound distributions I: aliasing errors and
exponential tilting", ASTIN Bulletin 29 (1999). Times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

STEPS = 2048
TILT = 14.0  # e**-14 of what lies beyond the grid is seen in it

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
    """(mean, variance); for the slower of several an upper bound, their sum."""

    def fixed(self, seconds: float) -> Time:
        return seconds, 0.0

    def gamma(self, mean: float, variation: float) -> Time:
        return mean, (mean * variation) ** 2

    def after(self, first: Time, second: Time) -> Time:
        return first[0] + second[0], first[1] + second[1]

    def choice(self, options: Iterable[tuple[float, Time]]) -> Time:
        there = [(p, mean, variance) for p, (mean, variance) in options if p > 0]
        whole = sum(p * mean for p, mean, _ in there)
        if math.isinf(whole):
            return whole, whole
        return whole, sum(p * (variance + (mean - whole) ** 2) for p, mean, variance in there)

    def repeat(self, time: Time, count: int) -> Time:
        return (count * time[0], count * time[1]) if count else (0.0, 0.0)

    def slower(self, times: list[Time]) -> Time:
        return sum(mean for mean, _ in times), sum(variance for _, variance in times)


class Grid:
    """Distributions on 0, step, 2 step …, up to `span` at least; what is later is known only as being later.

    Steps are powers of two, so that a small change of one part leaves the grid, and what is cached, as it was.
    `size`: how many steps.
    """

    def __init__(self, span: float, size: int = STEPS):
        self.size = size
        self.step = 2.0 ** math.ceil(math.log2(max(span, 1e-9) / (size - 2)))

    def fixed(self, seconds: float) -> Time:
        return _fixed(seconds / self.step, self.size)

    def gamma(self, mean: float, variation: float) -> Time:
        return _gamma(mean / self.step, variation, self.size)

    def after(self, first: Time, second: Time) -> Time:
        return first * second

    def choice(self, options: Iterable[tuple[float, Time]]) -> Time:
        return sum((p * time for p, time in options if p > 0), start=np.zeros(self.size // 2 + 1, complex))

    def repeat(self, time: Time, count: int) -> Time:
        return time**count

    def slower(self, times: list[Time]) -> Time:
        if len(times) == 1:
            return times[0]
        below = np.prod([np.cumsum(self.chances(one)) for one in times], axis=0)
        return np.fft.rfft(np.diff(below, prepend=0.0) / untilt(self.size))

    def chances(self, time: Time) -> np.ndarray:
        """Probability of each point of the grid, shape (size,)."""
        return np.fft.irfft(time, self.size) * untilt(self.size)

    def percentile(self, chances: np.ndarray, share: float) -> float:
        """Seconds that this share does not exceed; inf beyond the grid. A point stands for the step around it."""
        below = np.cumsum(chances)
        at = int(np.searchsorted(below, share))
        if at >= self.size:
            return math.inf
        part = 1 - (below[at] - share) / chances[at] if chances[at] > 0 else 1.0
        return float(max(0.0, at - 0.5 + part) * self.step)


def percentiles(time: Callable[[Algebra], Time], shares: Iterable[float]) -> list[float]:
    """Seconds that each of these shares does not exceed, of a time that can be told in any algebra.

    The grid is made wider or finer until the answer lies in its upper part. inf where the mean is infinite.
    """
    mean, variance = time(Moments())
    if not math.isfinite(mean + variance):
        return [math.inf for _ in shares]
    span, known = mean + 4 * math.sqrt(variance), {}
    found = []
    for share in shares:
        value = math.inf
        for _ in range(100):  # a few are enough; a share of 1 would never end
            grid = Grid(span)
            if grid.step not in known:
                known[grid.step] = grid.chances(time(grid))
            value = grid.percentile(known[grid.step], share)
            if math.isinf(value):
                span *= 4
            elif value < span / 16 and span > 1e-6:
                span = 4 * (value + 2 * grid.step)
            else:
                break
        found.append(value)
    return found


@lru_cache(maxsize=4)
def _circle(size: int) -> np.ndarray:
    """The points at which generating functions are known: the upper half of the circle, shape (size / 2 + 1,)."""
    return np.exp((-TILT - 2j * np.pi * np.arange(size // 2 + 1)) / size)


@lru_cache(maxsize=4)
def untilt(size: int) -> np.ndarray:
    """What undoes the smaller circle, shape (size,)."""
    return np.exp(TILT * np.arange(size) / size)


@lru_cache(maxsize=256)
def _fixed(steps: float, size: int) -> np.ndarray:
    """A constant; between two points of the grid it is split so that its mean is exact."""
    whole = min(math.floor(steps), 2 * size)  # that far out, it is not seen any more
    part = min(1.0, steps - whole)
    circle = _circle(size)
    here = np.exp(whole * (-TILT - 2j * np.pi * np.arange(size // 2 + 1)) / size)
    return here * (1 - part + part * circle)


@lru_cache(maxsize=1024)
def _gamma(mean: float, variation: float, size: int) -> np.ndarray:
    """A gamma time; on the lattice a constant and a negative binomial with the same mean, variance and skewness.

    All in steps. A time more even than half a step is a constant.
    """
    variance = (mean * variation) ** 2
    if mean <= 0 or variance < 0.25:
        return _fixed(max(0.0, mean), size)
    p = min(0.9, 2 / (1 + 2 * variance / mean))  # skewness (2 - p) / (p sd) = 2 sd / mean; above 0.9 it is small
    varying = p * variance
    shape = varying * p / (1 - p)
    constant = _fixed(mean - varying, size)
    return constant * np.exp(shape * (math.log(p) - np.log(1 - (1 - p) * _circle(size))))
