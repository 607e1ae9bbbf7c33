"""What the solver sees: groups of tables of options, and requirements on the whole. No word of clouds here.

A *group* is a place where everything could stand (a region, and how many of its zones). It has one *table* per
component; a row is one option, with its cost and its *facts*: numbers of which smaller is never worse. A
*requirement* is a promise about the whole that looks at the facts of one option per component.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Point = tuple[np.ndarray, ...]  # facts of one option per component, in the order of the group's tables


@dataclass(frozen=True)
class Table:
    """The options of one component in one group, as columns. Of equals, the earlier row is preferred.

    `cost`   (n,) USD per month
    `facts`  requirement -> (n, k); k may differ between components and may be 0
    """

    component: str
    cost: np.ndarray
    facts: Mapping[str, np.ndarray]

    def take(self, rows: np.ndarray) -> Table:
        return Table(self.component, self.cost[rows], {name: facts[rows] for name, facts in self.facts.items()})


@dataclass(frozen=True)
class Group:
    """A place to build in. `fixed` is what it costs whatever is chosen. Of equals, the earlier group is preferred."""

    name: str
    tables: tuple[Table, ...]
    fixed: float = 0.0


@dataclass(frozen=True)
class Requirement:
    """A promise about the whole: `value(group, point)` must not exceed `limit`.

    `value` must be monotone: it never falls when a fact rises. All exactness rests on this, so a test holds it.
    `loads` is optional and only makes the search faster: a linear relaxation, facts (n, k) -> (n,), such that every
    combination that keeps the requirement has a sum of loads of at most `most`.
    """

    name: str
    value: Callable[[str, Point], float]
    limit: float
    loads: Callable[[np.ndarray], np.ndarray] | None = None
    most: float = 0.0

    def holds(self, group: str, point: Point) -> bool:
        return self.value(group, point) <= self.limit + abs(self.limit) * 1e-9


@dataclass(frozen=True)
class Solution:
    """The cheapest combination: a row of each table of one group. `gap` is the proven distance to the optimum."""

    group: int
    rows: tuple[int, ...]
    cost: float
    gap: float
    cuts: int  # how many combinations had to be shown to fail before


def undominated(table: Table) -> np.ndarray:
    """Rows that no other row beats, in their order: one beats another when it costs no more and no fact is worse.

    Dropping the others loses no optimum: in any combination the better row may stand in for the worse.
    """
    columns = [table.cost[:, None], *(facts for facts in table.facts.values() if facts.shape[1])]
    values = np.concatenate(columns, axis=1)
    # In lexical order a row can only be beaten by one before it; the sort is stable, so of equals the first stays.
    left = np.lexsort(values.T[::-1])
    kept: list[int] = []
    while len(left):
        kept.append(int(left[0]))
        left = left[~(values[left] >= values[left[0]]).all(axis=1)]
    return np.array(sorted(kept), dtype=int)


def ideal(tables: Sequence[Table], name: str) -> Point:
    """The best of every fact: no combination is better in any of them."""
    return tuple(table.facts[name].min(axis=0) if len(table.cost) else table.facts[name][:0] for table in tables)
