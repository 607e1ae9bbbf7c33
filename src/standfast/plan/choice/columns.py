"""The options of a box as columns of a linear program, of which only those that matter are ever looked at closely.

A thousand services have a million options in one region, and a thousand of them matter. So the program is solved over a
few, and its prices tell which others could lower it (column generation: Dantzig and Wolfe, 1960). What the prices
leave less than the least of a cut's loads may stay unknown: it is a bound all the same. What costs more than the bound
and all that is left to lose is never part of an optimum (reduced-cost fixing).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from standfast.plan.choice.linear import UNITS, Row, in_units, optimum
from standfast.plan.choice.tables import Cut, Mixture, Table, undominated

NEAR = 32  # of the cheapest options of a table, those that nothing beats are columns from the start
ASKED, ADDED = 16, 4  # of a table in one round: options whose loads are worked out, and that become columns
CLOSE = 1e-7  # of the bound: prices are right when what they leave to gain is less
LEAST = 2e-3  # of a bound that nothing broke: given as well, so that it holds when others are kept


@dataclass
class Side:
    """A bound on the sum of loads: `values` (columns,), nan where not worked out; then `least` (tables,) is a bound."""

    values: np.ndarray
    low: float
    high: float
    name: str = ""  # of the requirement behind it
    cut: Cut | None = None

    @property
    def upper(self) -> bool:
        """Whether it bounds from above; else from below."""
        return bool(np.isfinite(self.high))


class Columns:
    """Some rows of each table of a group. `left()`: seconds that are left, or it raises Undecided."""

    def __init__(self, tables: Sequence[Table], rows: Sequence[np.ndarray], left: Callable[[], float]):
        self.tables, self.left = tables, left
        self.start = np.cumsum([0, *map(len, rows)])
        self.row = np.concatenate(rows)
        self.table = np.repeat(np.arange(len(rows)), np.diff(self.start))
        self.cost = np.concatenate([in_units(table.cost[kept]) for table, kept in zip(tables, rows, strict=True)])
        self.sides: list[Side] = []
        self.bound = -np.inf
        self._active = np.zeros(len(self.row), dtype=bool)
        self._prices = np.zeros(0)
        self._least = np.zeros(0)  # units, per table: the least reduced cost
        self._weights = np.zeros(0, dtype=int), np.zeros(0)  # columns of the best mixture, and how much of each

    def loaded(self, loads: Sequence[np.ndarray], low: float, high: float, name: str = "") -> None:
        """A bound on the sum of these loads, per table (n,)."""
        self.sides.append(Side(np.concatenate([np.asarray(one, dtype=float) for one in loads]), low, high, name))

    def cut(self, cut: Cut) -> None:
        self.sides.append(Side(np.full(len(self.row), np.nan), -np.inf, cut.most, cut.requirement, cut))

    def excess(self, side: Side, rows: Sequence[int], over: float) -> tuple[float, float]:
        """How much of a bound a combination leaves, and by how much less to allow if it breaks it by a share `over`."""
        if side.cut is None:
            if not side.upper or not side.name:
                return 0.0, 0.0
            ends = zip(self.start, self.start[1:], rows, strict=False)
            at = [a + int(np.searchsorted(self.row[a:b], row)) for a, b, row in ends]
            total = float(side.values[at].sum())
            return (side.high - total, total * over) if over else (0.0, side.high * LEAST)
        loads = (
            float(side.cut.load(t, table.facts[side.name][[row]])[0])
            for t, (table, row) in enumerate(zip(self.tables, rows, strict=True))
        )
        return 0.0, max(0.0, sum(loads) - side.high) + abs(side.high)

    # -- mixtures --------------------------------------------------------------------------------------

    def relax(self, most: float) -> bool:
        """Work out the bound of the best mixture; False where there is none, or it costs more than `most` units."""
        self._active[:] = False
        self._begin()
        while True:
            known = np.flatnonzero(self._active)
            self._ask(known)
            found = self._solved(known)
            if found is None:
                return False
            weights, objective, broken = found
            better = self._better(CLOSE * max(1.0, abs(objective)) / len(self.tables))
            reduced, fixed = self._reduced()
            self._least = np.minimum.reduceat(reduced, self.start[:-1])
            self.bound = max(self.bound, float(self._least.sum() + fixed))
            if self.bound > most:
                return False
            if not len(better):
                self._weights = known, weights
                return not broken
            self._active[better] = True

    def mixture(self, name: str) -> Mixture:
        """What the best mixture is made of: facts of a requirement, and weights."""
        columns, weights = self._weights
        used = weights > 1e-9
        columns, weights = columns[used], weights[used]
        ends = np.searchsorted(self.table[columns], np.arange(len(self.tables) + 1))
        found = []
        for t, table in enumerate(self.tables):
            some = slice(ends[t], ends[t + 1])
            found.append((table.facts[name][self.row[columns[some]]], weights[some] / weights[some].sum()))
        return found

    def rounded(self) -> tuple[int, ...]:
        """Of each table the option that the best mixture has most of."""
        return self._most(*self._weights)

    def nearby(self, give: Sequence[float]) -> tuple[int, ...] | None:
        """The same with so much less allowed of each side, among the columns that are known; None: there is none."""
        known = np.flatnonzero(self._active)
        found = optimum(self.cost[known], self.table[known], self._rows(known, give), self.left())
        return None if found is None else self._most(known, found.chosen)

    def _most(self, columns: np.ndarray, weights: np.ndarray) -> tuple[int, ...]:
        order = np.lexsort((-weights, self.table[columns]))
        first = np.searchsorted(self.table[columns][order], np.arange(len(self.tables)))
        return tuple(int(one) for one in self.row[columns[order[first]]])

    # -- whole options ---------------------------------------------------------------------------------

    def whole(self, slack: float, gap: float, give: Sequence[float] = ()) -> tuple[tuple[int, ...] | None, float]:
        """The cheapest combination of whole options and its bound, inf where there is none.

        Only what costs at most `slack` more than the best mixture is seen for certain. `give`: per side how much less
        of it is allowed, 0 without. Call it after `relax`.
        """
        least, unknown = self._least[self.table] + slack, self._unknown()
        while len(ask := np.flatnonzero((self._reduced()[0] <= least) & unknown)):
            self._ask(ask)
            unknown[ask] = False
        columns = np.flatnonzero(self._reduced()[0] <= least)
        if (np.diff(np.searchsorted(columns, self.start)) == 0).any():
            return None, np.inf
        columns = self._undominated(columns)
        found = optimum(self.cost[columns], self.table[columns], self._rows(columns, give), self.left(), gap)
        if found is None:
            return None, np.inf
        taken = columns[found.chosen > 0.5]
        return tuple(int(one) for one in self.row[taken]), found.bound

    def _rows(self, columns: np.ndarray, give: Sequence[float]) -> list[Row]:
        less = give or [0.0] * len(self.sides)
        return [Row(side.values[columns], side.low, side.high - by) for side, by in zip(self.sides, less, strict=True)]

    def _undominated(self, columns: np.ndarray) -> np.ndarray:
        ends = np.searchsorted(columns, self.start)
        kept = []
        for t, table in enumerate(self.tables):
            some = columns[ends[t] : ends[t + 1]]
            kept.append(some if len(some) < 2 else some[undominated(table.take(self.row[some]))])
        return np.concatenate(kept)

    # -- inside ----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """The first columns: the cheapest, the best by their facts, those with least of each load."""
        known: dict[bytes, np.ndarray] = {}
        for t, table in enumerate(self.tables):
            here = slice(self.start[t], self.start[t + 1])
            rows = self.row[here]
            key = self.cost[here].tobytes() + rows.tobytes()
            key += b"".join(facts.tobytes()[:4096] for facts in table.facts.values())
            if key not in known:
                near = np.argsort(self.cost[here], kind="stable")[:NEAR]
                some = near[undominated(table.take(rows[near]))]
                best = [
                    np.lexsort(np.column_stack([self.cost[here], facts[rows][:, ::-1]]).T)[:1]
                    for facts in table.facts.values()
                ]
                known[key] = np.concatenate([near[:1], some, *best])
            self._active[self.start[t] + known[key]] = True
        for side in self.sides:
            if side.cut is None:
                load = side.values if side.upper else -side.values
                for a, b in zip(self.start[:-1], self.start[1:], strict=True):
                    self._active[a + int(np.argmin(load[a:b]))] = True

    def _unknown(self) -> np.ndarray:
        unknown = np.zeros(len(self.row), dtype=bool)
        for side in self.sides:
            if side.cut is not None:
                unknown |= np.isnan(side.values)
        return unknown

    def _ask(self, columns: np.ndarray) -> None:
        """Work out the loads of these columns."""
        for side in self.sides:
            if side.cut is None:
                continue
            todo = columns[np.isnan(side.values[columns])]
            ends = np.searchsorted(todo, self.start)
            name = side.cut.requirement
            for t in np.flatnonzero(np.diff(ends)):
                some = todo[ends[t] : ends[t + 1]]
                side.values[some] = side.cut.load(int(t), self.tables[t].facts[name][self.row[some]])

    def _solved(self, columns: np.ndarray) -> tuple[np.ndarray, float, bool] | None:
        """Weights of these columns, what they cost, and whether they break a row; sets the prices.

        The penalty for breaking a row rises until none is broken, or it is beyond all that could be saved by it: a
        large one at once would drown the costs.
        """
        first = np.searchsorted(self.table[columns], np.arange(len(self.tables)))
        dearest = float(np.maximum.reduceat(self.cost[columns], first).sum()) + UNITS
        rows = []
        for side in self.sides:
            values = side.values[columns]
            reach = float(np.maximum.reduceat(np.abs(values), first).sum()) + abs(side.high if side.upper else side.low)
            rows.append(Row(np.append(values, [0.0, -reach if side.upper else reach]), side.low, side.high))
        table = np.append(self.table[columns], [len(self.tables)] * 2)
        penalty = 10 * (float(np.minimum.reduceat(self.cost[columns], first).sum()) + UNITS)
        while True:
            spare = [0.0, penalty]  # two columns more: keep the rows, or break them
            found = optimum(np.append(self.cost[columns], spare), table, rows, self.left())
            if found is None:
                return None
            broken = bool(found.chosen[-1] > 1e-9)
            if not broken or penalty > dearest / 1e-9:
                break
            penalty *= 100
        self._prices = np.array([
            min(price, 0.0) if side.upper else max(price, 0.0)
            for price, side in zip(found.prices[len(self.tables) + 1 :], self.sides, strict=True)
        ])  # fmt: skip
        return found.chosen[:-2], found.bound, broken

    def _reduced(self) -> tuple[np.ndarray, float]:
        """What each column costs at least at these prices, and what they give beside."""
        reduced, fixed = self.cost.copy(), 0.0
        for price, side in zip(self._prices, self.sides, strict=True):
            if price:
                load = side.values
                if side.cut is not None:
                    load = np.where(np.isnan(load), side.cut.least[self.table], load)
                reduced -= price * load
                fixed += price * (side.high if side.upper else side.low)
        return reduced, fixed

    def _better(self, near: float) -> np.ndarray:
        """Columns that would lower the cost of the mixture, a few of each table."""
        reduced = self._reduced()[0]
        active = np.where(self._active, reduced, np.inf)
        gain = np.minimum.reduceat(active, self.start[:-1])[self.table] - reduced
        unknown = self._unknown()
        while True:
            better = self._first(np.flatnonzero((gain > near) & ~unknown), gain, ADDED)
            asked = self._first(np.flatnonzero((gain > near) & unknown), gain, ASKED)
            if len(better) or not len(asked):
                return better
            self._ask(asked)
            gain[asked] -= self._reduced()[0][asked] - reduced[asked]
            unknown[asked] = False

    def _first(self, columns: np.ndarray, gain: np.ndarray, most: int) -> np.ndarray:
        """Of each table so many of these columns, those with most to gain."""
        columns = columns[np.lexsort((-gain[columns], self.table[columns]))]
        at = np.searchsorted(self.table[columns], self.table[columns])
        return columns[np.arange(len(columns)) - at < most]
