"""Linear bounds on late requests, made where too many are late.

The share of requests that are late is a product where every part delays every request a little, and a sum where each is
late on its own account. So what one option adds at a point, as a share x of all late requests there, is counted as
log(1 + x): right in the one case and never too strict in the other. At a point where just as many are late as may be,
all that is in time has a sum of nothing at most: a supporting hyperplane, as the tail of late requests is log-concave.
That is a theorem for sums of times with log-concave densities that all requests meet, and a claim for call graphs with
ways that few take. There it was tried on random systems (benchmarks/deadline_bound.py), and what options far from the
point add is counted as less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from standfast.plan.choice.tables import Cut, Mixture, Point
from standfast.plan.models.deadline import Deadline
from standfast.plan.models.latency import Serving
from standfast.plan.models.load import Load
from standfast.spec.model import System

SIZE = 512  # steps of the grid: the share in time is right to 2e-5
NEAR = 1e-3  # of late requests: a bound that is exceeded by less would be of no use
TRIES = 14  # to find the point where just as many are late as may be
CLOSE = 1e-4  # of the way there, and of late requests: near enough
HELD = 100_000  # distributions of options that are kept: 2 KiB each
FURTHER = 8.0  # times the cube of a change: what it counts less
TURN = 0.18  # where what is left would begin to fall
# Of late requests. Of 63,000 combinations of random systems that keep their promise 1 in 9,000 was above EXCESS, by
# 0.11 at most; where a way is taken by fewer than RARE times the share that may be late, none of 3,300 was above
# EXCESS_RARE (benchmarks/deadline_bound.py 400, 2026-11-28).
EXCESS, EXCESS_RARE, RARE = 2e-3, 0.1, 4.0


def serving_of(facts: np.ndarray) -> Serving:
    """What these facts of a component are to the latency model."""
    if len(facts) == 3:
        return Serving(-facts[2], -facts[0], max(1, round(facts[2] / facts[1])))
    return Serving(-facts[1], -facts[0], 1) if len(facts) == 2 else Serving()


def counted(x: np.ndarray) -> np.ndarray:
    """What a change of late requests by the share x counts for: near log(1 + x), less far from 0, and never falling."""
    less, near, more = np.clip(x, 1e-6 - 1, 0.0), np.clip(x, 0.0, TURN), np.maximum(x, 0.0)
    slower = np.maximum(np.log1p(near) - FURTHER * near**3, 0.4 * np.log1p(more))
    return np.where(x > 0, slower, np.log1p(less) + FURTHER * less**3)


class Late:
    """Cuts for one percentile of a system: `share` of the requests are answered within `seconds`."""

    def __init__(
        self, system: System, load: Mapping[str, Load], names: Sequence[str], percentile: str, seconds: float,
        share: float, rtt: Mapping[str, Mapping[str, float]],
    ):  # fmt: skip
        self.names, self.percentile, self.share, self.rtt = names, percentile, share, rtt
        self.deadline = Deadline(system, load, seconds, SIZE)
        calls = [call for service in system.services for call in service.calls]
        ways = [way for call in calls for way in (call.share, call.times % 1, 1 - call.hit_rate) if way > 0]
        rare = min(ways, default=1.0) <= RARE * (1 - share) * 0.999
        self.excess = EXCESS_RARE if rare else EXCESS
        self._known: list[dict[bytes, np.ndarray]] = [{} for _ in names]
        self._held = 0

    def _own(self, t: int, facts: np.ndarray) -> np.ndarray:
        return self.deadline.own(self.names[t], serving_of(facts))

    def _times(self, t: int, options: Mapping[bytes, np.ndarray]) -> np.ndarray:
        """The same of some options by their facts, (n, SIZE / 2 + 1), as numbers half as long."""
        known = self._known[t]
        for key, facts in options.items():
            if key not in known:
                self._held += 1
                known[key] = self._own(t, facts).astype(np.complex64)
        found = np.array([known[key] for key in options])
        if self._held > HELD:
            self._held = 0
            for one in self._known:
                one.clear()
        return found

    def cut(self, group: str, mixture: Mixture, best: Point) -> Cut | None:
        """A bound that the mixture exceeds; None where enough of its requests are in time, or nearly so."""
        names, rtt = self.names, self.rtt[group]
        mixed = {
            name: sum(weight * self._own(t, one) for one, weight in zip(*some, strict=True))
            for t, (name, some) in enumerate(zip(names, mixture, strict=True))
        }
        missed = self.deadline.share(mixed, rtt) - self.share
        if missed >= 0:
            return None
        ideal = {name: self._own(t, facts) for t, (name, facts) in enumerate(zip(names, best, strict=True))}

        def between(part: float) -> dict[str, np.ndarray]:
            return {name: (1 - part) * mixed[name] + part * ideal[name] for name in names}

        at = between(self._least(lambda part: self.deadline.share(between(part), rtt) - self.share, missed))
        share, found = self.deadline.slopes(at, rtt)
        slopes = [found[name] / (1 - share) for name in names]
        base = [float((at[name] @ slope).real) for name, slope in zip(names, slopes, strict=True)]

        known: list[dict[bytes, float]] = [{} for _ in names]  # the same machines are sold in many regions

        def load(t: int, facts: np.ndarray) -> np.ndarray:
            keys = [one.tobytes() for one in facts]
            if new := {key: one for key, one in zip(keys, facts, strict=True) if key not in known[t]}:
                lost = base[t] - (self._times(t, new) @ slopes[t]).real
                known[t] |= zip(new, counted(lost).tolist(), strict=True)
            return np.array([known[t][key] for key in keys])

        least = np.array([float(load(t, facts[None])[0]) for t, facts in enumerate(best)])

        def holds_in(other: str) -> bool:
            return all(self.rtt[other].get(country, 0.0) >= seconds for country, seconds in rtt.items())

        found = sum(float(load(t, some) @ weights) for t, (some, weights) in enumerate(mixture))
        return Cut(self.percentile, load, least, self.excess, holds_in) if found > self.excess + NEAR else None

    def _least(self, room: Callable[[float], float], missed: float) -> float:
        """The least part (0 to 1) that leaves room, found from both sides (regula falsi, Illinois: Dowell 1971)."""
        low, high, under, over = 0.0, 1.0, missed, max(room(1.0), 0.0)
        for _ in range(TRIES):
            if high - low < CLOSE or over < CLOSE * (1 - self.share):
                break
            part = min(max((low * over - high * under) / (over - under), low), high)
            if (found := room(part)) >= 0:
                high, over, under = part, found, under / 2
            else:
                low, under, over = part, found, over / 2
        return high
