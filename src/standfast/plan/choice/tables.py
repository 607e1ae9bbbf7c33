"""What the solver sees: groups of tables of options, and requirements on the whole. No word of clouds here.

A *group* is a place where everything could stand (a region, and how many of its zones). It has one *table* per
component; a row is one option, with its cost and its *facts*: numbers of which smaller is never worse. A
*requirement* is a promise about the whole that looks at the facts of one option per component.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

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
    """A place to build in: its tables are made when the search comes to it, and only then.

    `fixed` is what it costs whatever is chosen; `least` a bound that no combination of it is below, fixed included.
    Both are USD per month.
    """

    name: str
    make: Callable[[], Sequence[Table]]
    fixed: float = 0.0
    least: float = -np.inf

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        return tuple(self.make())

    def forget(self) -> None:
        """The tables: they are made again when they are asked for."""
        self.__dict__.pop("tables", None)


Ranges = Mapping[int, tuple[float, float]]  # measure -> least and most that its sum may be


@dataclass(frozen=True)
class Relaxation:
    """A linear bound: every combination that keeps the requirement has a sum of loads of at most `most`.

    `loads`: per table (n,), none of them negative; the better the option, the smaller its load. `measures`: sums, per
    table (n,) each, of which the bound is the closer the narrower their ranges are. `split`: from the sums of one
    combination, the measure whose range is to be split there; None: it would be of no use.
    """

    loads: tuple[np.ndarray, ...]
    most: float
    measures: Mapping[int, tuple[np.ndarray, ...]] = field(default_factory=dict)
    split: Callable[[Mapping[int, float]], int | None] = lambda sums: None

    def take(self, kept: Sequence[np.ndarray]) -> Relaxation:
        """Of some positions of each table."""
        loads = tuple(load[k] for load, k in zip(self.loads, kept, strict=True))
        measures = {
            key: tuple(one[k] for one, k in zip(some, kept, strict=True)) for key, some in self.measures.items()
        }
        return replace(self, loads=loads, measures=measures)


Mixture = Sequence[tuple[np.ndarray, np.ndarray]]  # per table the facts of some options (n, k), and their weights (n,)


@dataclass(frozen=True)
class Cut:
    """A linear bound made where a mixture was refused: what keeps the requirement has a sum of loads of at most `most`.

    `load(t, facts)` is the load of options of table t by their facts, (n, k) -> (n,): asked only for what matters, as
    it may be dear. `least` (tables,): no option has less. `holds_in(group)`: whether it is true there as well.
    """

    requirement: str
    load: Callable[[int, np.ndarray], np.ndarray]
    least: np.ndarray
    most: float
    holds_in: Callable[[str], bool]


@dataclass(frozen=True)
class Requirement:
    """A promise about the whole: `value(group, point)` must not exceed `limit`.

    `value` must be monotone: it never falls when a fact rises. All exactness rests on this, so a test holds it.
    Two ways to make the search fast. `relaxed`: from the name of a group, the facts of some options per table, (n, k)
    each, and ranges of its measures, to a bound on all of their combinations. `cut`: from a group, a mixture and the
    best of every fact there to a bound that the mixture exceeds; None where it is not refused. `quick` may tell at less
    expense whether it holds; None: ask `value`.
    """

    name: str
    value: Callable[[str, Point], float]
    limit: float
    relaxed: Callable[[str, Sequence[np.ndarray], Ranges], Relaxation | None] = lambda group, facts, ranges: None
    cut: Callable[[str, Mixture, Point], Cut | None] = lambda group, mixture, best: None
    quick: Callable[[str, Point], bool | None] = lambda group, point: None

    def holds(self, group: str, point: Point) -> bool:
        if (known := self.quick(group, point)) is not None:
            return known
        return self.value(group, point) <= self.limit + abs(self.limit) * 1e-9


@dataclass(frozen=True)
class Solution:
    """The cheapest combination: a row of each table of one group.

    `gap`: nothing is cheaper by more than this share of the cost, which is proven.
    """

    group: int
    rows: tuple[int, ...]
    cost: float
    gap: float
    steps: int  # how many parts of the search had to be looked at


def undominated(table: Table) -> np.ndarray:
    """Rows that no other row beats, in their order: one beats another when it costs no more and no fact is worse.

    Dropping the others loses no optimum: in any combination the better row may stand in for the worse.
    """
    columns = {facts.tobytes(): facts for facts in table.facts.values() if facts.shape[1]}
    values = np.concatenate([table.cost[:, None], *columns.values()], axis=1)
    # In lexical order a row can only be beaten by one before it; the sort is stable, so of equals the first stays.
    left = np.lexsort(values.T[::-1])
    values = values[left]
    kept: list[int] = []
    while len(left):
        kept.append(int(left[0]))
        worse = values[:, 0] >= values[0, 0]
        for column in range(1, values.shape[1]):
            worse &= values[:, column] >= values[0, column]
        left, values = left[~worse], values[~worse]
    return np.array(sorted(kept), dtype=int)


def ideal(facts: Sequence[np.ndarray]) -> Point:
    """The best of every fact, (n, k) per table: no combination is better in any of them."""
    return tuple(one.min(axis=0) if len(one) else one[:0] for one in facts)
