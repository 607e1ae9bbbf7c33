"""Linear bounds on what is not linear: how much of what a promise allows each option uses up at the least.

The solver would find the same plan without them, one refused combination after the other; with many components there
are too many of these.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from standfast.plan.choice.tables import Relaxation
from standfast.plan.models.availability import REGION, zones_up

# How much of the bound on latency is used: over 30,000 random systems the whole of it was too tight by 10 % at most,
# and by 90 % where a request takes some way so seldom (below RARE times the share that may be late) that being late on
# it counts no further. benchmarks/deadline_bound.py finds these figures again.
TRUST, TRUST_RARE, RARE = 0.85, 0.5, 4.0


def of_availability(wanted: float, downs: Sequence[np.ndarray], zones: int, fixed: float) -> Relaxation | None:
    """A load for each option, of which every combination that keeps the availability has at most `most`.

    `downs`: per component (n, 1), the share of time an option is away, or (n, zones + 1), the chance that too few of it
    are up while 0, 1 … zones are. `fixed`: availability of the managed services that are
    there whatever is chosen.

    What is wanted is W <= R S (1 - u): R what all zones share, S = prod of managed services, u the servers' downtime.
    In logarithms: -log S - log(1 - u) <= log(R / W), and -log(1 - u) >= u. By the number k of zones that are up,
    u = sum p_k (1 - exp(-H_k)) with H_k = sum of -log a_k over the components. That is concave in H_k, so it lies above
    its chord up to the largest H_k that the wanted W leaves: a sum over components.
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
    slopes = np.array([_chord(zones_up(up, zones), -math.expm1(-room), placed) for up in range(1, zones + 1)])

    def load(one: np.ndarray) -> np.ndarray:
        return one[:, 0] if one.shape[1] == 1 else np.minimum(one[:, 1:], slopes[:, 1]) @ slopes[:, 0]

    most -= zones_up(0, zones) if placed else 0.0
    return Relaxation(tuple(load(one) for one in away), most * (1 + 1e-6))


def _chord(chance: float, left: float, parts: int) -> tuple[float, float]:
    """Slope of the chord below `chance * (1 - exp(-H))`, and what one part may add to H there.

    Downtime in this state is at most `left` in all, so H ends where chance * (1 - exp(-H)) reaches it; in a state
    rarer than that H has no end, and each part counts up to a share of 1.
    """
    if chance > left * (1 + 1e-9):
        end = -math.log1p(-left / chance)
        return chance * -math.expm1(-end) / end, end
    return chance * -math.expm1(-1), 1 / max(1, parts)


def of_deadline(
    share: float,
    best: float,
    slopes: Sequence[np.ndarray],
    own: Sequence[np.ndarray],
    times: Sequence[np.ndarray],
    trust: float,
) -> Relaxation | None:
    """A load for each option: every combination that answers `share` of the requests in time has at most `most`.

    `best` is the share in time with the best of everything, `slopes` and `own` as `models.deadline` has them for that,
    `times` per component (n, k): the generating functions of its options.

    Late is later in the tail: the further everything else is delayed, the larger the share of requests that one more
    delay makes late. So the logarithm of the share in time falls by at least the sum of what each delay takes alone.
    That is a theorem for times in likelihood-ratio order with log-concave densities (Karlin, "Total Positivity", 1968,
    basic composition formula), and nearly always true for mixtures; `trust` (up to 1) is the part of it that is used.
    """
    room = math.log(max(best, 1e-300) / share) + 1e-3  # the grid leaves less than a thousandth
    if room <= 0:
        return Relaxation(tuple(np.zeros(len(one)) for one in times), room)
    loads = []
    for slope, mine, options in zip(slopes, own, times, strict=True):
        lost = -((options - mine) @ slope).real / best
        loads.append(np.maximum(0.0, lost) * trust)
    return Relaxation(tuple(loads), room)
