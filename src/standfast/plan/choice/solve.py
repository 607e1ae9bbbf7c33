"""The exact choice: the cheapest combination of options that keeps every requirement, over all groups at once.

Availability and percentiles are not linear in the options. So the search is best first over boxes (a group, and some
rows of each of its tables): HiGHS finds the cheapest combination within linear bounds on what is not linear, which is
never dearer than the true optimum of the box; the true models look at it; where they refuse, the box is split in two
by how much one component takes of the bound, and the bounds, worked out anew for each half, come closer. The first
combination that passes while no other box can hold a cheaper one is the optimum. (Branch and bound with relaxations:
Land and Doig 1960; Horst and Tuy, "Global Optimization", 3rd ed. 1996.)
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from standfast.plan.choice.master import UNITS, Row, Undecided, cheapest, in_units
from standfast.plan.choice.tables import Group, Point, Relaxation, Requirement, Solution, ideal, undominated

__all__ = ["Undecided", "solve"]

REPAIRS = 12  # halvings of what a bound allows, to come from a combination that is refused to one that is not
LIFTED = 64  # components: above it, a refused combination is not generalised before it is cut off


@dataclass(frozen=True)
class _Box:
    """Some rows of each table of a group; `picked` is the cheapest combination within the bounds, `loads` its loads."""

    group: int
    rows: tuple[np.ndarray, ...]
    picked: tuple[int, ...]
    bounds: tuple[tuple[Requirement, Relaxation], ...]
    asked: frozenset[str]  # requirements that were asked for a bound
    first: bool = False  # the whole group


@dataclass
class _Search:
    groups: Sequence[Group]
    requirements: Sequence[Requirement]
    deadline: float
    gap: float
    most: float  # units: nothing dearer is of use
    best: tuple[float, int, tuple[int, ...]] | None = None
    steps: int = 0
    cuts: dict[int, list[tuple[Requirement, Point]]] = field(default_factory=dict)
    known: dict[tuple[str, str, bytes], bool] = field(default_factory=dict)
    binding: set[str] = field(default_factory=set)  # requirements that refused something: only these are bounded

    @property
    def ceiling(self) -> float:
        """Units: what a combination must not exceed to be worth finding."""
        return self.most if self.best is None else min(self.most, self.best[0] * (1 - self.gap) - 1)

    def left(self) -> float:
        if (seconds := self.deadline - time.monotonic()) <= 0:
            raise Undecided("time limit")
        return seconds

    def holds(self, requirement: Requirement, group: str, point: Point) -> bool:
        key = (requirement.name, group, b"|".join(facts.tobytes() for facts in point))
        if key not in self.known:
            self.known[key] = requirement.holds(group, point)
        return self.known[key]

    def refusing(self, group: Group, rows: Sequence[int]) -> list[Requirement]:
        return [one for one in self.requirements if not self.holds(one, group.name, _point(group, one, rows))]

    def take(self, index: int, rows: tuple[int, ...]) -> None:
        cost = _cost(self.groups[index], rows)
        if cost <= self.ceiling or (self.best and cost < self.best[0]):
            self.best = (cost, index, rows)


def solve(
    groups: Sequence[Group],
    requirements: Sequence[Requirement],
    *,
    most: float = np.inf,
    gap: float = 0.0,
    seconds: float = 60.0,
    enough: bool = False,
) -> Solution | None:
    """The cheapest combination of at most `most` USD that keeps all requirements; None if it is proven there is none.

    Every group has the same components in the same order. It is the optimum up to `gap`, a share of its cost; when
    `seconds` are over, the best that was found, with its gap. `enough`: the first that is found will do. Raises
    Undecided when time ran out before any was found.
    """
    search = _Search(groups, requirements, time.monotonic() + seconds, gap, float(in_units(most)))
    order = itertools.count()
    heap: list[tuple[float, int, int | _Box]] = [
        (float(in_units(group.least)), next(order), index) for index, group in enumerate(groups)
    ]
    heapq.heapify(heap)
    lowest = -np.inf
    try:
        while heap and heap[0][0] <= search.ceiling and not (enough and search.best):
            lowest = max(lowest, heap[0][0])
            search.left()
            search.steps += 1
            _, _, item = heapq.heappop(heap)
            boxes = _opened(search, item) if isinstance(item, int) else _looked_at(search, item)
            for bound, box in boxes:
                heapq.heappush(heap, (max(bound, lowest), next(order), box))
    except Undecided as undecided:
        if search.best is None:
            cost = "" if lowest <= 0 else f"; a plan would cost {lowest / UNITS:,.0f} USD/month at least"
            raise Undecided(f"{undecided}{cost}") from None
    else:
        if not enough:
            lowest = heap[0][0] if heap else np.inf
    if search.best is None:
        return None
    cost, index, rows = search.best
    lowest = min(lowest, cost * (1 - gap))  # what is nearer than the gap was not looked for
    open_gap = 0.0 if lowest > cost - 1 else (cost - max(lowest, 0.0)) / cost
    return Solution(index, rows, cost / UNITS, open_gap, search.steps)


def _opened(search: _Search, index: int) -> list[tuple[float, _Box]]:
    """The whole of a group as a box."""
    group = search.groups[index]
    if any(not len(table.cost) for table in group.tables):
        return []
    for one in search.requirements:
        if not search.holds(one, group.name, ideal([table.facts[one.name] for table in group.tables])):
            return []
    return _bounded(search, index, tuple(undominated(table) for table in group.tables), first=True)


def _looked_at(search: _Search, box: _Box) -> list[tuple[float, _Box]]:
    """Nothing where the box's cheapest combination keeps everything: it is taken. Else its two halves."""
    group = search.groups[box.group]
    refused = search.refusing(group, box.picked)
    if not refused:
        search.take(box.group, box.picked)
        return []
    search.binding |= {one.name for one in refused}
    if not search.binding <= box.asked:  # made before anything of the kind was refused: bound it again
        found = _bounded(search, box.group, box.rows, box.first)
        if found and search.best is None:
            _repair(search, found[0][1])
        return found
    if box.first and search.best is None:
        _repair(search, box)
    for one in refused:
        if one not in [bounded for bounded, _ in box.bounds] and len(group.tables) <= LIFTED:
            point = _lifted(search, group, one, _point(group, one, box.picked))
            search.cuts.setdefault(box.group, []).append((one, point))
    return [found for rows in _halves(box, refused) for found in _bounded(search, box.group, rows)]


def _bounded(
    search: _Search, index: int, rows: tuple[np.ndarray, ...], first: bool = False
) -> list[tuple[float, _Box]]:
    """The box of these rows with its bound; none where it holds nothing of use."""
    group = search.groups[index]
    fixed = float(in_units(group.fixed))
    costs = [in_units(table.cost) for table in group.tables]
    bounds: list[tuple[Requirement, Relaxation]] = []
    for _ in range(2):
        rows = _within(rows, [cost[kept] for cost, kept in zip(costs, rows, strict=True)], search.ceiling - fixed)
        bounds = []
        if any(not len(kept) for kept in rows):
            return []
        for one in (one for one in search.requirements if one.name in search.binding):
            relaxed = one.relaxed(group.name, _facts(group, one, rows))
            if relaxed is not None:
                kept = _within(tuple(map(np.arange, map(len, rows))), relaxed.loads, relaxed.most)
                if any(not len(some) for some in kept):
                    return []
                rows = tuple(some[k] for some, k in zip(rows, kept, strict=True))
                bounds = [(name, _taken(other, kept)) for name, other in bounds]
                bounds.append((one, _taken(relaxed, kept)))
    found = _solved(search, index, rows, bounds)
    if found is None:
        return []
    picked, bound = found
    return [(bound, _Box(index, rows, picked, tuple(bounds), frozenset(search.binding), first))]


def _within(rows: tuple[np.ndarray, ...], loads: Sequence[np.ndarray], most: float) -> tuple[np.ndarray, ...]:
    """The rows that fit when all else takes the least there is."""
    if any(not len(load) for load in loads):
        return rows
    least = [load.min() for load in loads]
    room = most - sum(least)
    slack = 1e-9 * max(1.0, abs(most)) if np.isfinite(most) else 0.0
    return tuple(some[load - low <= room + slack] for some, load, low in zip(rows, loads, least, strict=True))


def _taken(relaxed: Relaxation, kept: Sequence[np.ndarray]) -> Relaxation:
    return Relaxation(tuple(load[k] for load, k in zip(relaxed.loads, kept, strict=True)), relaxed.most)


def _solved(
    search: _Search,
    index: int,
    rows: tuple[np.ndarray, ...],
    bounds: Sequence[tuple[Requirement, Relaxation]],
    share: float = 1.0,
) -> tuple[tuple[int, ...], float] | None:
    """The cheapest combination of these rows within `share` of the bounds and the cuts, and its bound in units."""
    group = search.groups[index]
    linear = [
        Row([load / one.most for load in one.loads], -np.inf, share * (1 + 1e-7)) for _, one in bounds if one.most > 0
    ]
    for one, point in search.cuts.get(index, ()):  # better than the point in at least one fact
        facts = _facts(group, one, rows)
        better = [(~(some >= at).all(axis=1)).astype(float) for some, at in zip(facts, point, strict=True)]
        linear.append(Row(better, 1.0, np.inf))
    costs = [in_units(table.cost[kept]) for table, kept in zip(group.tables, rows, strict=True)]
    found = cheapest(costs, linear, gap=search.gap / 4, seconds=search.left())
    if found is None:
        return None
    fixed = float(in_units(group.fixed))
    return tuple(int(kept[at]) for kept, at in zip(rows, found[0], strict=True)), fixed + found[1]


def _repair(search: _Search, box: _Box) -> None:
    """Some combination that keeps everything, by allowing less and less of each bound until the models agree."""
    low, high = 0.0, 1.0
    group = search.groups[box.group]
    for _ in range(REPAIRS):
        share = (low + high) / 2
        found = _solved(search, box.group, box.rows, box.bounds, share)
        if found is not None and not search.refusing(group, found[0]):
            search.take(box.group, found[0])
            low = share
        elif found is None:
            low = share
        else:
            high = share
        if search.best is not None and high - low < 0.05:
            return


def _halves(box: _Box, refused: Sequence[Requirement]) -> list[tuple[np.ndarray, ...]]:
    """Two boxes that hold all of this one but what was refused: split where a component takes most of the bound."""
    loads = [relaxed.loads for one, relaxed in box.bounds if one in refused] or [
        tuple(np.arange(len(kept), dtype=float) for kept in box.rows)
    ]
    best = (-1.0, -1)
    for t, kept in enumerate(box.rows):
        if len(kept) > 1:
            at = int(np.flatnonzero(kept == box.picked[t])[0])
            spread = max(float(one[t][at] - one[t].min()) for one in loads)
            best = max(best, (spread, t))
    t = best[1]
    if t < 0:
        return []
    load = max((one[t] for one in loads), key=lambda one: float(np.ptp(one)))
    at = int(np.flatnonzero(box.rows[t] == box.picked[t])[0])
    worse = load >= load[at]
    if worse.all():
        worse = np.arange(len(load)) == at
    return [(*box.rows[:t], box.rows[t][side], *box.rows[t + 1 :]) for side in (worse, ~worse)]


def _lifted(search: _Search, group: Group, one: Requirement, point: Point) -> Point:
    """The failing point made better, fact by fact, as long as it fails: the cut then excludes far more."""
    best, lifted = ideal([table.facts[one.name] for table in group.tables]), list(point)
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


def _facts(group: Group, one: Requirement, rows: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [table.facts[one.name][kept] for table, kept in zip(group.tables, rows, strict=True)]


def _point(group: Group, one: Requirement, rows: Sequence[int]) -> Point:
    return tuple(table.facts[one.name][row] for table, row in zip(group.tables, rows, strict=True))


def _cost(group: Group, rows: Sequence[int]) -> float:
    parts = (float(in_units(table.cost[row])) for table, row in zip(group.tables, rows, strict=True))
    return float(in_units(group.fixed)) + sum(parts)
