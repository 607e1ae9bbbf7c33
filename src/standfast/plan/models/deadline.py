"""The share of requests answered within a deadline, and how much each part's time matters for it.

The same distributions as `latency`, looked at from the other end: not "how long do 95 % take" but "how many are done
in 300 ms". That share is a sum of products of the parts' generating functions, so its slope in each of them (reverse
accumulation: Griewank and Walther, "Evaluating Derivatives", 2nd ed. 2008) tells for every option of a part, with one
scalar product, what the share would be with it in place of the present one. A search over many options lives on that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from standfast.plan.models import latency
from standfast.plan.models.distribution import STEPS, Grid, Time, untilt
from standfast.plan.models.latency import Serving
from standfast.plan.models.load import Load
from standfast.spec.model import System

KEPT = 80 * 2**20  # bytes of distributions remembered


@dataclass
class _Node:
    """A random time that was worked out, and how a slope of the result passes on to what it was made of."""

    time: np.ndarray
    back: Callable[[np.ndarray], None] = lambda slope: None
    slope: np.ndarray | None = None

    def add(self, slope: np.ndarray) -> None:
        self.slope = slope if self.slope is None else self.slope + slope


@dataclass
class _Tape:
    """The algebra of `distribution`, remembering each step so that slopes can be walked back."""

    grid: Grid
    nodes: list[_Node] = field(default_factory=list)

    def _made(self, time: np.ndarray, back: Callable[[np.ndarray], None] = lambda slope: None) -> _Node:
        self.nodes.append(_Node(time, back))
        return self.nodes[-1]

    def part(self, time: np.ndarray) -> _Node:
        return self._made(time)

    def fixed(self, seconds: float) -> Time:
        return self._made(self.grid.fixed(seconds))

    def gamma(self, mean: float, variation: float) -> Time:
        return self._made(self.grid.gamma(mean, variation))

    def after(self, first: Time, second: Time) -> Time:
        def back(slope: np.ndarray) -> None:
            first.add(slope * second.time)
            second.add(slope * first.time)

        return self._made(first.time * second.time, back)

    def choice(self, options: Iterable[tuple[float, Time]]) -> Time:
        some = [(p, one) for p, one in options if p > 0]

        def back(slope: np.ndarray) -> None:
            for p, one in some:
                one.add(p * slope)

        return self._made(self.grid.choice((p, one.time) for p, one in some), back)

    def repeat(self, time: Time, count: int) -> Time:
        def back(slope: np.ndarray) -> None:
            if count:
                time.add(slope * count * time.time ** (count - 1))

        return self._made(self.grid.repeat(time.time, count), back)

    def slower(self, times: list[Time]) -> Time:
        if len(times) == 1:
            return times[0]
        below = [np.cumsum(self.grid.chances(one.time)) for one in times]

        def back(slope: np.ndarray) -> None:
            worth = _worth(slope, self.grid.size)  # of each point of the maximum
            falls = worth - np.append(worth[1:], 0.0)
            for at, one in enumerate(times):
                others = np.prod([b for k, b in enumerate(below) if k != at], axis=0)
                one.add(_slope(np.cumsum((falls * others)[::-1])[::-1], self.grid.size))

        return self._made(self.grid.slower([one.time for one in times]), back)


def _slope(worth: np.ndarray, size: int) -> np.ndarray:
    """The vector z with Re(z · time) = sum of worth x chances, for every time on the grid."""
    whole = np.conj(np.fft.rfft(worth * untilt(size))) / size
    whole[1:-1] *= 2
    return whole


def _worth(slope: np.ndarray, size: int) -> np.ndarray:
    """What each point of the grid is worth under a slope: the way back from `_slope`."""
    half = np.conj(slope) * size
    half[1:-1] /= 2
    return np.fft.irfft(half, size) / untilt(size)


class Deadline:
    """Requests of one system that must be answered within `seconds`, seen from users at `rtt` (see `latency`).

    `size`: steps of the grid; with a few hundred the share is exact to a thousandth, at a fraction of the time.
    """

    def __init__(self, system: System, load: Mapping[str, Load], seconds: float, size: int = STEPS):
        self.system, self.load, self.seconds = system, load, seconds
        self.grid = Grid(seconds, size)
        points = np.arange(size) * self.grid.step
        in_time = np.clip((seconds - points) / self.grid.step + 0.5, 0.0, 1.0)  # a point stands for its step
        self.weights = _slope(in_time, size)
        self._known: dict[tuple[str, Serving], np.ndarray] = {}

    def own(self, name: str, serving: Serving) -> np.ndarray:
        """The time of one visit to a part, before its calls, as a generating function."""
        key = name, serving
        if key not in self._known:
            if len(self._known) * self.weights.nbytes > KEPT:
                self._known.clear()
            part = latency.part_of(self.system, name, serving, self.load[name])
            endless = not math.isfinite(part.fixed) or part.station.offered >= part.station.servers
            never = np.zeros(len(self.weights), complex)
            self._known[key] = never if endless else latency.own(part, self.grid)
        return self._known[key]

    def share(self, own: Mapping[str, np.ndarray], rtt: Mapping[str, float]) -> float:
        """The share of requests in time."""
        whole = latency.request(self.system, own.__getitem__, rtt, self.grid)
        return float((self.weights * whole).real.sum())

    def slopes(self, own: Mapping[str, np.ndarray], rtt: Mapping[str, float]) -> tuple[float, dict[str, np.ndarray]]:
        """The share of requests in time, and for each part the slope: Re(slope · (other − own)) is what another adds.

        That is exact for a part that a request meets once; where it meets it more often, it counts one visit at a time.
        """
        tape = _Tape(self.grid)
        parts = {name: tape.part(time) for name, time in own.items()}
        whole = latency.request(self.system, parts.__getitem__, rtt, tape)
        whole.add(self.weights)
        share = float((whole.slope * whole.time).real.sum())
        for node in reversed(tape.nodes):
            if node.slope is not None:
                node.back(node.slope)
        nothing = np.zeros(len(self.weights), complex)
        return share, {name: nothing if one.slope is None else one.slope for name, one in parts.items()}
