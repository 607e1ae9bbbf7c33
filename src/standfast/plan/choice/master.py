"""The linear part of the choice, for HiGHS: one option per component, least cost, within linear bounds.

Costs are whole hundredths of a cent here, so that equal is equal and the optimum is exact in spite of tolerances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import highspy
import numpy as np

UNITS = 10_000  # per USD


class Undecided(Exception):
    """The search ran out of time: nothing is proven either way."""


def in_units(cost: np.ndarray | float) -> np.ndarray:
    return np.rint(np.asarray(cost, dtype=float) * UNITS)


@dataclass(frozen=True)
class Row:
    """A linear bound on what is chosen: low <= sum of the chosen values <= high; values per table, (n,) each."""

    values: Sequence[np.ndarray]
    low: float
    high: float


def cheapest(
    costs: Sequence[np.ndarray], rows: Sequence[Row], *, gap: float, seconds: float
) -> tuple[tuple[int, ...], float] | None:
    """The position chosen in each table, and a bound (in units) no choice is below; None: there is no choice.

    `costs`: per table (n,), in units. `gap`: how far, as a share, from the optimum it may be. Raises Undecided.
    """
    starts = np.cumsum([0, *(len(one) for one in costs)])
    n = int(starts[-1])
    matrix = [(np.arange(a, b), np.ones(b - a)) for a, b in pairwise(starts)]
    low, high = [1.0] * len(costs), [1.0] * len(costs)
    for row in rows:
        values = np.concatenate([np.asarray(one, dtype=float) for one in row.values])
        used = np.flatnonzero(values)
        matrix.append((used, values[used]))
        low.append(row.low)
        high.append(row.high)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, len(matrix)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.concatenate(costs), np.zeros(n), np.ones(n)
    lp.row_lower_, lp.row_upper_ = np.array(low), np.array(high)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *(len(index) for index, _ in matrix)])
    lp.a_matrix_.index_ = np.concatenate([index for index, _ in matrix])
    lp.a_matrix_.value_ = np.concatenate([value for _, value in matrix])
    lp.integrality_ = [highspy.HighsVarType.kInteger] * n
    highs = getattr(highspy, "_Highs")()  # noqa: B009 - the class of highspy that prints no banner; its methods are the same
    options = {"output_flag": False, "threads": 1, "mip_rel_gap": gap, "mip_abs_gap": 0.5, "time_limit": seconds}
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(lp)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise Undecided(highs.modelStatusToString(status).lower())
    value = np.array(highs.getSolution().col_value)
    chosen = tuple(int(np.argmax(value[a:b])) for a, b in pairwise(starts))
    return chosen, float(highs.getInfo().mip_dual_bound)
