"""The exact choice: the cheapest combination of options that keeps every requirement, over all groups at once.

Availability and percentiles are not linear in the options, so HiGHS gets the linear part, and the rest as it is
needed: solve; ask the true models; where one fails, add a cut that excludes this combination *and every one that is
nowhere better*; repeat. The models are monotone, so a cut never excludes a combination that keeps the requirement:
the first combination that passes is the optimum. (Logic-based Benders decomposition: Hooker and Ottosson,
"Logic-based Benders decomposition", Mathematical Programming 96, 2003.)
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from standfast.plan.choice.master import UNITS, Master, Undecided, in_units
from standfast.plan.choice.tables import Group, Point, Requirement, Solution, ideal, undominated

__all__ = ["Undecided", "solve"]

_Found = tuple[int, tuple[int, ...], float]  # group, a row of each of its tables, cost in units


@dataclass(frozen=True)
class _Failure:
    """A point that fails a requirement, made as good as it may be and still fail, and the groups it fails in."""

    requirement: Requirement
    point: Point


@dataclass
class _Search:
    groups: Sequence[Group]
    requirements: Sequence[Requirement]
    deadline: float
    failures: list[_Failure] = field(default_factory=list)
    known: dict[tuple[str, str, bytes], bool] = field(default_factory=dict)
    cuts: int = 0

    def holds(self, requirement: Requirement, group: str, point: Point) -> bool:
        key = (requirement.name, group, b"|".join(facts.tobytes() for facts in point))
        if key not in self.known:
            self.known[key] = requirement.holds(group, point)
        return self.known[key]


def solve(
    groups: Sequence[Group],
    requirements: Sequence[Requirement],
    *,
    most: float = np.inf,
    hint: float = np.inf,
    seconds: float = 60.0,
) -> Solution | None:
    """The cheapest combination of at most `most` USD that keeps all requirements; None if it is proven there is none.

    Every group has the same components in the same order. `hint` is the cost of a combination that is known to keep
    all requirements (from a solve of a tighter problem): it only saves time. Of equal costs the earliest group, then
    the earliest rows win. Raises Undecided when `seconds` were not enough.
    """
    search = _Search(groups, requirements, time.monotonic() + seconds)
    ceiling = min(float(in_units(most)), float(in_units(hint)))
    best = None
    for index in sorted(_open(search), key=lambda g: (_least(groups[g]), g)):
        # The most promising groups one by one, until one has a solution: its cost closes most of the others.
        if _least(groups[index]) > ceiling:
            return None
        best = _cheapest(search, [index], ceiling)
        if best is not None:
            break
    if best is None:
        return None
    ceiling = best[2]
    best = _cheapest(search, _open(search), ceiling) or best
    group, rows, cost = _first_of_equals(search, best)
    return Solution(group, rows, cost / UNITS, 0.0, search.cuts)


def _least(group: Group) -> float:
    """A bound no combination of the group is below, in units."""
    return float(in_units(group.fixed)) + sum(float(in_units(t.cost).min(initial=np.inf)) for t in group.tables)


def _open(search: _Search) -> list[int]:
    """Groups in which the best of everything together keeps all requirements; in the others nothing does."""
    return [
        index
        for index, group in enumerate(search.groups)
        if all(len(table.cost) for table in group.tables)
        and all(search.holds(one, group.name, ideal(group.tables, one.name)) for one in search.requirements)
    ]


def _remaining(
    search: _Search, index: int, ceiling: float, pinned: Mapping[int, int] | None = None
) -> list[np.ndarray] | None:
    """Rows per table that can be in a combination of at most `ceiling`; None: the group has none.

    First those are dropped that are too dear even beside the cheapest of everything else, then the dominated, then
    from below those that fail although everything else is the best there is; that raises the bound, so once more.
    """
    group = search.groups[index]
    fixed = float(in_units(group.fixed))
    costs = [in_units(table.cost) for table in group.tables]
    pinned = pinned or {}
    rows = [np.array([pinned[t]]) if t in pinned else np.arange(len(cost)) for t, cost in enumerate(costs)]
    best = {one.name: ideal(group.tables, one.name) for one in search.requirements}
    for first in (True, False):
        least = fixed + sum(cost[kept].min(initial=np.inf) for cost, kept in zip(costs, rows, strict=True))
        if least > ceiling:
            return None
        for t, table in enumerate(group.tables):
            kept = rows[t][least - costs[t][rows[t]].min() + costs[t][rows[t]] <= ceiling]
            if first and t not in pinned:
                kept = kept[undominated(table.take(kept))]
                kept = _that_can_hold(search, group, t, kept, best)
            rows[t] = kept
            if not len(kept):
                return None
    return rows


def _that_can_hold(search: _Search, group: Group, t: int, kept: np.ndarray, best: dict[str, Point]) -> np.ndarray:
    """The rows without the cheapest ones that fail beside the best of everything else."""
    for position, row in enumerate(kept[np.argsort(group.tables[t].cost[kept], kind="stable")]):
        alone = (
            (one, (*best[one.name][:t], group.tables[t].facts[one.name][row], *best[one.name][t + 1 :]))
            for one in search.requirements
        )
        if all(search.holds(one, group.name, point) for one, point in alone):
            cheap = np.argsort(group.tables[t].cost[kept], kind="stable")[:position]
            return np.delete(kept, cheap)
    return kept[:0]


def _cheapest(
    search: _Search, indices: Sequence[int], ceiling: float, pinned: Mapping[int, int] | None = None
) -> _Found | None:
    """The optimum over some groups, at most `ceiling` units: group, rows, cost. None: there is none."""
    left = {index: rows for index in indices if (rows := _remaining(search, index, ceiling, pinned)) is not None}
    if not left:
        return None
    master, places = _master(search, left)
    for failure in search.failures:
        _cut(search, master, places, failure)
    while True:
        if time.monotonic() > search.deadline:
            raise Undecided("time limit")
        found = master.solve()
        if found is None:
            return None
        index, rows = places[found[0]], found[1]
        group = search.groups[index]
        failed = list(_failures(search, group, rows))
        if not failed:
            cost = float(in_units(group.fixed)) + sum(
                float(in_units(table.cost[row])) for table, row in zip(group.tables, rows, strict=True)
            )
            return (index, rows, cost) if cost <= ceiling else None
        for failure in failed:
            search.failures.append(failure)
            search.cuts += 1
            _cut(search, master, places, failure)


def _master(search: _Search, left: dict[int, list[np.ndarray]]) -> tuple[Master, list[int]]:
    places = sorted(left)
    parts = []
    for index in places:
        group = search.groups[index]
        tables = [(rows, in_units(table.cost[rows])) for table, rows in zip(group.tables, left[index], strict=True)]
        parts.append((float(in_units(group.fixed)), tables))
    master = Master(parts, max(0.1, search.deadline - time.monotonic()))
    for position, index in enumerate(places):
        for one in search.requirements:
            if one.loads is not None:
                tables = zip(search.groups[index].tables, left[index], strict=True)
                loads = [one.loads(table.facts[one.name][rows]) for table, rows in tables]
                master.at_most(position, loads, one.most * (1 + 1e-6))
    return master, places


def _failures(search: _Search, group: Group, rows: Sequence[int]) -> Iterator[_Failure]:
    for one in search.requirements:
        point = tuple(table.facts[one.name][row] for table, row in zip(group.tables, rows, strict=True))
        if not search.holds(one, group.name, point):
            yield _Failure(one, _lifted(search, group, one, point))


def _lifted(search: _Search, group: Group, one: Requirement, point: Point) -> Point:
    """The failing point made better, fact by fact, as long as it fails: the cut then excludes far more."""
    best, lifted = ideal(group.tables, one.name), list(point)
    order = sorted(range(len(point)), key=lambda t: len(group.tables[t].cost))
    for t in order:
        kept, lifted[t] = lifted[t], best[t]
        if search.holds(one, group.name, tuple(lifted)):
            lifted[t] = kept
    for t in order:
        for k in range(len(lifted[t])):
            steps = np.unique(group.tables[t].facts[one.name][:, k])
            low, high = 0, int(np.searchsorted(steps, lifted[t][k]))  # steps[high] fails; find the best that still does
            while low < high:
                middle = (low + high) // 2
                better = lifted[t].copy()
                better[k] = steps[middle]
                holds = search.holds(one, group.name, (*lifted[:t], better, *lifted[t + 1 :]))
                low, high = (middle + 1, high) if holds else (low, middle)
            lifted[t] = lifted[t].copy()
            lifted[t][k] = steps[high]
    return tuple(lifted)


def _cut(search: _Search, master: Master, places: Sequence[int], failure: _Failure) -> None:
    """In every group where the point fails: choose something that is better than it in at least one fact."""
    one, point = failure.requirement, failure.point
    for position, index in enumerate(places):
        group = search.groups[index]
        if search.holds(one, group.name, point):
            continue
        better = [
            ~(group.tables[t].facts[one.name][column.rows] >= facts).all(axis=1)
            for t, (column, facts) in enumerate(zip(master.columns[position], point, strict=True))
        ]
        master.one_of(position, better)


def _first_of_equals(search: _Search, best: _Found) -> _Found:
    """Of all combinations that cost the same, the earliest group, then the earliest row of each table in turn."""
    cost = best[2]
    for index in _open(search)[: best[0]]:
        found = _cheapest(search, [index], cost) if index < best[0] else None
        if found is not None:
            best = found
            break
    index, pinned = best[0], {}
    for t in range(len(best[1])):
        for row in (_remaining(search, index, cost, pinned) or [best[1]] * len(best[1]))[t]:
            if row >= best[1][t]:
                break
            found = _cheapest(search, [index], cost, {**pinned, t: int(row)})
            if found is not None:
                best = found
                break
        pinned[t] = best[1][t]
    return best
