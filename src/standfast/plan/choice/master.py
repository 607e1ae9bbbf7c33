"""The linear part of the choice, for HiGHS: one group, one option per component, least cost, and cuts as they come.

Costs are whole hundredths of a cent here, so that equal is equal and the optimum is exact in spite of tolerances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

UNITS = 10_000  # per USD


class Undecided(Exception):
    """The solver ran out of time: nothing is proven either way."""


def in_units(cost: np.ndarray | float) -> np.ndarray:
    return np.rint(np.asarray(cost, dtype=float) * UNITS)


@dataclass(frozen=True)
class Column:
    """Where the binaries of one table lie: `start` to `start + len(rows)`; `rows` are rows of the table."""

    start: int
    rows: np.ndarray

    @property
    def index(self) -> np.ndarray:
        return np.arange(self.start, self.start + len(self.rows))


class Master:
    """A mixed-integer program that grows by cuts.

    `groups`: per group its fixed cost, and per table the rows that remain and their costs (in units).
    """

    def __init__(self, groups: Sequence[tuple[float, Sequence[tuple[np.ndarray, np.ndarray]]]], seconds: float):
        self.columns: list[list[Column]] = []
        costs, start = [], 0
        for _, tables in groups:
            self.columns.append([])
            for rows, cost in tables:
                self.columns[-1].append(Column(start, rows))
                costs.append(cost)
                start += len(rows)
        self.group = np.arange(start, start + len(groups))  # one binary per group
        self.cost = np.concatenate([*costs, np.array([fixed for fixed, _ in groups])])
        self.highs = getattr(highspy, "_Highs")()  # noqa: B009 - the class of highspy that prints no banner; its methods are the same
        options = {"output_flag": False, "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 0.5, "time_limit": seconds}
        for name, value in options.items():
            self.highs.setOptionValue(name, value)
        self.highs.passModel(self._model(start))
        self.rows: list[tuple[np.ndarray, np.ndarray, float, float]] = []

    def _model(self, options: int) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        n = options + len(self.group)
        index, value, starts = [self.group], [np.ones(len(self.group))], [0, len(self.group)]
        for group, columns in zip(self.group, self.columns, strict=True):
            for column in columns:  # one option of each table of the group that is chosen, none of the others
                index.append(np.append(column.index, group))
                value.append(np.append(np.ones(len(column.rows)), -1.0))
                starts.append(starts[-1] + len(column.rows) + 1)
        right = np.zeros(len(starts) - 1)
        right[0] = 1.0
        lp.num_col_, lp.num_row_ = n, len(right)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.cost, np.zeros(n), np.ones(n)
        lp.row_lower_, lp.row_upper_ = right, right
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = np.array(starts), np.concatenate(index)
        lp.a_matrix_.value_ = np.concatenate(value)
        lp.integrality_ = [highspy.HighsVarType.kInteger] * n
        return lp

    def at_most(self, group: int, loads: Sequence[np.ndarray], most: float) -> None:
        """The sum of the loads of what is chosen in a group stays within `most` (0 for other groups)."""
        if most <= 0:
            return
        index = np.concatenate([*(column.index for column in self.columns[group]), self.group[group : group + 1]])
        value = np.concatenate([*(load / most for load in loads), np.array([-1.0])])
        self._row(-highspy.kHighsInf, 0.0, index, value)

    def one_of(self, group: int, better: Sequence[np.ndarray]) -> None:
        """If the group is chosen, at least one of these options (a mask per table) is too: a cut."""
        index = np.concatenate([column.index[mask] for column, mask in zip(self.columns[group], better, strict=True)])
        index = np.append(index, self.group[group])
        self._row(0.0, highspy.kHighsInf, index, np.append(np.ones(len(index) - 1), -1.0))

    def _row(self, low: float, high: float, index: np.ndarray, value: np.ndarray) -> None:
        used = value != 0
        self.highs.addRow(low, high, int(used.sum()), index[used].astype(np.int32), value[used])

    def solve(self) -> tuple[int, tuple[int, ...], float] | None:
        """The best group, the row of each of its tables, and a proven lower bound (units); None: nothing is left.

        Raises Undecided when the time is up.
        """
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise Undecided(self.highs.modelStatusToString(status))
        chosen = np.array(self.highs.getSolution().col_value) > 0.5
        group = int(np.flatnonzero(chosen[self.group])[0])
        rows = tuple(int(column.rows[np.flatnonzero(chosen[column.index])[0]]) for column in self.columns[group])
        return group, rows, float(self.highs.getInfo().mip_dual_bound)
