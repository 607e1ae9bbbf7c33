"""Linear bounds on what is not linear: how much of what a promise allows each option uses up at the least.

The solver would find the same plan without them, one refused combination after the other; with many components there
are too many of these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from standfast.plan.choice.tables import Ranges, Relaxation
from standfast.plan.models.availability import REGION, zones_up

CLOSE = 1e-6  # of what is allowed: a bound that is off by less is not worth splitting for


@dataclass(frozen=True)
class _Chord:
    """A line below `chance * (1 - exp(-H))` wherever H may be; one part counts up to `clip` of H."""

    slope: float
    start: float  # at H = 0
    clip: float = math.inf


def of_availability(
    wanted: float, downs: Sequence[np.ndarray], zones: int, fixed: float, ranges: Ranges | None = None
) -> Relaxation | None:
    """A load for each option, of which every combination that keeps the availability has at most `most`.

    `downs`: per component (n, 1), the share of time an option is away, or (n, zones + 1), the chance that too few of it
    are up while 0, 1 … zones are. `fixed`: availability of the managed services that are
    there whatever is chosen.

    What is wanted is W <= R S (1 - u): R what all zones share, S = prod of managed services, u the servers' downtime.
    In logarithms: -log S - log(1 - u) <= log(R / W), and -log(1 - u) >= u. By the number k of zones that are up,
    u = sum p_k (1 - exp(-H_k)) with H_k = sum of -log a_k over the components. That is concave in H_k, so it lies above
    its chord from the least to the largest H_k there may be: a sum over components. The sums H_k are the measures:
    where H_k is split, both chords touch the curve.
    """
    if not 0 < wanted < REGION * fixed:
        return None
    most = math.log(REGION * fixed / wanted)
    away = [-np.log1p(-np.minimum(down, 1 - 1e-15)) for down in downs]
    managed = [one for one in away if one.shape[1] == 1 and len(one)]
    room = most - sum(float(one.min()) for one in managed)
    placed = sum(one.shape[1] > 1 for one in away)
    if room <= 0:
        return None
    chances = {up: zones_up(up, zones) for up in range(1, zones + 1)}
    chords = {
        up: _chord(chance, -math.expm1(-room), placed, *(ranges or {}).get(up, (0.0, math.inf)))
        for up, chance in chances.items()
    }

    def load(one: np.ndarray) -> np.ndarray:
        if one.shape[1] == 1:
            return one[:, 0]
        parts = [chord.slope * np.minimum(one[:, up], chord.clip) for up, chord in chords.items()]
        return np.sum(parts, axis=0)

    def split(sums: Mapping[int, float]) -> int | None:
        away = {
            up: chances[up] * -math.expm1(-sums[up]) - chord.start - chord.slope * sums[up]
            for up, chord in chords.items()
        }
        widest = max(away, key=lambda up: away[up])
        return widest if away[widest] > CLOSE * room else None

    most -= zones_up(0, zones) if placed else 0.0
    most = most * (1 + 1e-6) - sum(chord.start for chord in chords.values())
    measures = {
        up: tuple(one[:, up] if one.shape[1] > 1 else np.zeros(len(one)) for one in away) for up in chords if placed
    }
    return Relaxation(tuple(load(one) for one in away), most, measures, split if placed else lambda sums: None)


def _chord(chance: float, left: float, parts: int, low: float, high: float) -> _Chord:
    """Downtime in this state is at most `left` in all, so H ends where the curve reaches it, if it does.

    In a state rarer than that H may have no end, and each part counts up to a share of 1.
    """

    def curve(h: float) -> float:
        return chance * -math.expm1(-h)

    end = min(high, -math.log1p(-left / chance)) if chance > left * (1 + 1e-9) else high
    if math.isfinite(end):
        if end <= low:  # no room, or nearly none
            return _Chord(0.0, curve(low))
        slope = (curve(end) - curve(low)) / (end - low)
        return _Chord(slope, curve(low) - slope * low, end)
    if low > 0:
        return _Chord(0.0, curve(low))
    return _Chord(curve(1.0), 0.0, 1 / max(1, parts))
