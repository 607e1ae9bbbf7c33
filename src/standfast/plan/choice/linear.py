"""One option per component at least cost within linear bounds, for HiGHS: as a linear program, or in whole options.

Costs are whole hundredths of a cent here, so that equal is equal and the optimum is exact in spite of tolerances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

UNITS = 10_000  # per USD


class Undecided(Exception):
    """The search ran out of time: nothing is proven either way."""


def in_units(cost: np.ndarray | float) -> np.ndarray:
    return np.rint(np.asarray(cost, dtype=float) * UNITS)


@dataclass(frozen=True)
class Row:
    """A linear bound on what is chosen: low <= sum of the chosen values <= high; `values` (columns,)."""

    values: np.ndarray
    low: float
    high: float


@dataclass(frozen=True)
class Optimum:
    """`chosen` (columns,): how much of each; `bound`: nothing costs less; `prices`: duals, per table and per row."""

    chosen: np.ndarray
    bound: float
    prices: np.ndarray


def optimum(
    costs: np.ndarray, table: np.ndarray, rows: Sequence[Row], seconds: float, gap: float | None = None
) -> Optimum | None:
    """The cheapest choice of one column per table; None: there is none.

    `costs` (columns,) in units; `table` (columns,): the number of each column's table, from 0, rising. `gap`: whole
    columns, and how far, as a share, from the optimum it may be; None: mixtures. Raises Undecided.
    """
    n, tables = len(costs), int(table[-1]) + 1
    low, high = [1.0] * tables, [1.0] * tables
    index, value, start = [np.arange(n)], [np.ones(n)], [0, *np.cumsum(np.bincount(table, minlength=tables))]
    scale = np.array([1.0] * tables + [float(np.abs(row.values).max()) or 1.0 for row in rows])
    for row, by in zip(rows, scale[tables:], strict=True):
        used = np.flatnonzero(row.values)
        index.append(used)
        value.append(row.values[used] / by)
        start.append(start[-1] + len(used))
        low.append(row.low / by)
        high.append(row.high / by)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, len(low)
    per = UNITS if gap is None else 1  # mixtures need no whole units, and are solved better in smaller numbers
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs / per, np.zeros(n), np.ones(n)
    lp.row_lower_, lp.row_upper_ = np.array(low), np.array(high)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = np.array(start), np.concatenate(index)
    lp.a_matrix_.value_ = np.concatenate(value)
    options = {"output_flag": False, "threads": 1, "time_limit": seconds}
    if gap is not None:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * n
        options |= {"mip_rel_gap": gap, "mip_abs_gap": 0.5}
    highs = getattr(highspy, "_Highs")()  # noqa: B009 - the class of highspy that prints no banner; its methods are the same
    for name, one in options.items():
        highs.setOptionValue(name, one)
    highs.passModel(lp)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise Undecided(highs.modelStatusToString(status).lower())
    solution, info = highs.getSolution(), highs.getInfo()
    bound = info.objective_function_value if gap is None else info.mip_dual_bound
    return Optimum(np.array(solution.col_value), float(bound) * per, np.array(solution.row_dual) * per / scale)
