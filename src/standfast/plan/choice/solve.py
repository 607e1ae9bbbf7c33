"""The exact choice: the cheapest combination of options that keeps every requirement, over all groups at once.

Availability and percentiles are not linear in the options. So the search is best first over boxes (a group, and some
rows of each of its tables), each with a bound from the cheapest mixture of its options within linear bounds on what is
not linear. Where a mixture breaks a requirement a cut is added that it exceeds, and the bound rises (supporting
hyperplanes: Veinott 1967; Kronqvist, Lundell and Westerlund 2016). The box with the lowest bound is then solved in
whole options, and the true models look at what is picked; where they refuse and no cut tells why, the box is split in
two by how much one component takes of a bound, and the bounds, worked out anew for each half, come closer. The first
combination that passes while no other box can hold a cheaper one is the optimum. (Branch and bound with relaxations:
Land and Doig 1960; Horst and Tuy, "Global Optimization", 3rd ed. 1996.)
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from standfast.plan.choice.columns import Columns
from standfast.plan.choice.linear import UNITS, Undecided, in_units
from standfast.plan.choice.search import Search, cost_of, point_of
from standfast.plan.choice.tables import Group, Ranges, Relaxation, Requirement, Solution, ideal

__all__ = ["Undecided", "solve"]

SEEN = 0.003  # of the bound: whole options that raise it by more are not looked at as long as nothing is found
NEAR = 1e-3  # how far from the optimum of its bounds it may be, where any that keeps everything will do
FAR = 1e-3  # of the bound: what was found is not worth bettering when it is nearer
GIVEN = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # times what a refused combination breaks a bound by
ROUNDS = 40  # of cuts before a box is solved in whole options all the same


@dataclass(frozen=True)
class _Box:
    """Some rows of each table of a group (none: all), and ranges of measures by requirement; `seen`: as SEEN."""

    group: int
    rows: tuple[np.ndarray, ...] = ()
    ranges: Mapping[str, Ranges] = field(default_factory=dict)
    bounds: tuple[tuple[Requirement, Relaxation], ...] = ()
    seen: float = SEEN


_Found = list[tuple[float, "_Box"]]


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
    search = Search(groups, requirements, time.monotonic() + seconds, gap, float(in_units(most)))
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
            following = heap[0][0] if heap else np.inf
            boxes = _opened(search, item, following) if isinstance(item, int) else _bounded(search, item, following)
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
    away = cost - max(lowest, 0.0)
    return Solution(index, rows, cost / UNITS, away / cost if away >= 1 else 0.0, search.steps)


def _opened(search: Search, index: int, following: float) -> _Found:
    """The whole of a group as a box."""
    group = search.open(index)
    if any(not len(table.cost) for table in group.tables):
        return []
    for one in search.requirements:
        if not search.holds(one, group.name, ideal([table.facts[one.name] for table in group.tables])):
            return []
    return _bounded(search, _Box(index), following)


def _bounded(search: Search, box: _Box, following: float) -> _Found:
    """The box with its bound, or in two; none if it is of no use. Looked at closely while it is below `following`."""
    group = search.open(box.group)
    fixed = float(in_units(group.fixed))
    costs = [in_units(table.cost) for table in group.tables]
    rows, bounds = box.rows or tuple(np.arange(len(table.cost)) for table in group.tables), []
    for _ in range(2):
        rows = _within(rows, [cost[kept] for cost, kept in zip(costs, rows, strict=True)], search.ceiling - fixed)
        bounds = []
        if any(not len(kept) for kept in rows):
            return []
        for one in (one for one in search.requirements if one.name in search.binding):
            relaxed = one.relaxed(group.name, _facts(group, one, rows), box.ranges.get(one.name, {}))
            if relaxed is not None:
                kept = _within(tuple(map(np.arange, map(len, rows))), relaxed.loads, relaxed.most)
                if any(not len(some) for some in kept):
                    return []
                rows = tuple(some[k] for some, k in zip(rows, kept, strict=True))
                bounds = [(name, other.take(kept)) for name, other in bounds]
                bounds.append((one, relaxed.take(kept)))
    seen = replace(box, rows=rows, bounds=tuple(bounds))
    columns, before = search.columns(box.group, rows, bounds, box.ranges), -np.inf
    for _ in range(ROUNDS):
        if not columns.relax(search.ceiling - fixed):
            return []
        lowest = fixed + columns.bound
        if lowest > following and search.best is not None:
            return [(lowest, box)]
        cuts = [
            cut for one in search.requirements
            if (cut := one.cut(group.name, columns.mixture(one.name), ideal(_facts(group, one, rows))))
        ]  # fmt: skip
        if lowest < before * (1 + max(FAR / 10, search.gap / 10)):
            cuts = []  # enough: the next would hardly raise it
        before = lowest
        if not cuts:
            break
        for cut in cuts:
            search.cuts.append((box.group, cut))
            columns.cut(cut)
    refused = {one.name for one in search.refusing(group, columns.rounded())}
    if not refused <= search.binding:
        search.binding |= refused
        return [(lowest, box)]
    if search.best is None or search.best[0] > lowest * (1 + FAR):
        _round(search, seen, columns)
    if lowest > search.ceiling:
        return []
    if lowest > following:
        return [(lowest, box)]
    return [(bound, replace(found, bounds=())) for bound, found in _whole(search, seen, columns)]


def _whole(search: Search, box: _Box, columns: Columns) -> _Found:
    """Solved in whole options: nothing is left of a box whose cheapest keeps everything, it is taken."""
    group = search.groups[box.group]
    fixed = float(in_units(group.fixed))
    useful = search.ceiling - fixed - columns.bound
    slack = min(useful, box.seen * (fixed + columns.bound + UNITS))
    picked, bound = columns.whole(slack, search.gap / 4)
    bound += fixed
    if slack < useful and (edge := fixed + columns.bound + slack) < bound:  # what is beyond could be as good
        bound, box = edge, replace(box, seen=box.seen * 4)
    if picked is None or cost_of(group, picked) > search.ceiling:
        return [(bound, box)] if bound <= search.ceiling else []
    refused = search.refusing(group, picked)
    if not refused:
        search.take(box.group, picked)
        return [(bound, box)] if bound <= search.ceiling else []
    if not {one.name for one in refused} <= search.binding:
        search.binding |= {one.name for one in refused}
        return [(bound, box)]
    cut = [one for one in refused if _cut_off(search, box, columns, one, picked)]
    if search.best is None or search.best[0] > bound * (1 + FAR):
        _repair(search, box, columns, picked)
    if not cut:
        halves = _ranged(box, picked, refused)
        if not halves:
            for one in refused:
                search.refuse(box.group, one, picked)
            halves = _halves(box, picked, refused)
        if halves:
            return [found for half in halves for found in _bounded(search, half, np.inf)]
    return [(bound, box)]


def _cut_off(search: Search, box: _Box, columns: Columns, one: Requirement, picked: tuple[int, ...]) -> bool:
    """Whether a cut could be made that this combination exceeds."""
    group = search.groups[box.group]
    facts = [(some[None], np.ones(1)) for some in point_of(group, one, picked)]
    cut = one.cut(group.name, facts, ideal(_facts(group, one, box.rows)))
    if cut is None:
        return False
    search.cuts.append((box.group, cut))
    columns.cut(cut)
    return True


def _round(search: Search, box: _Box, columns: Columns) -> None:
    """Some combination that keeps everything: mixtures rounded, with less and less allowed of each bound."""
    group = search.groups[box.group]
    for give in _given(search, box, columns, columns.rounded()):
        found = columns.nearby(give)
        if found and not search.refusing(group, found):
            search.take(box.group, found)
            return


def _repair(search: Search, box: _Box, columns: Columns, picked: tuple[int, ...]) -> None:
    """A better one: the same with whole options."""
    group = search.groups[box.group]
    fixed = float(in_units(group.fixed))
    if not columns.relax(search.ceiling - fixed):
        return
    for give in _given(search, box, columns, picked):
        slack = min(search.ceiling - fixed - columns.bound, box.seen * (fixed + columns.bound + UNITS))
        found, _ = columns.whole(slack, max(search.gap / 4, NEAR), give)
        if found is None or not search.refusing(group, found):
            if found:
                search.take(box.group, found)
            return


def _given(search: Search, box: _Box, columns: Columns, picked: tuple[int, ...]) -> Iterator[list[float]]:
    """Per side of the columns how much less of it to allow than a refused combination takes: more and more."""
    group = search.groups[box.group]
    values = {one: one.value(group.name, point_of(group, one, picked)) for one, _ in box.bounds}
    over = {one.name: 1 - one.limit / value for one, value in values.items() if value > one.limit}
    give = [columns.excess(side, picked, over.get(side.name, 0.0)) for side in columns.sides]
    for times in GIVEN:
        yield [left + times * more for left, more in give]


def _within(rows: tuple[np.ndarray, ...], loads: Sequence[np.ndarray], most: float) -> tuple[np.ndarray, ...]:
    """The rows that fit when all else takes the least there is."""
    if any(not len(load) for load in loads):
        return rows
    least = [load.min() for load in loads]
    room = most - sum(least)
    slack = 1e-9 * max(1.0, abs(most)) if np.isfinite(most) else 0.0
    return tuple(some[load - low <= room + slack] for some, load, low in zip(rows, loads, least, strict=True))


def _ranged(box: _Box, picked: tuple[int, ...], refused: Sequence[Requirement]) -> list[_Box]:
    """Two boxes that hold all of this one: split where the bound on a refused combination is most off; or none."""
    at = [int(np.searchsorted(kept, row)) for kept, row in zip(box.rows, picked, strict=True)]
    for one, relaxed in box.bounds:
        if one not in refused:
            continue
        sums = {
            key: sum(float(values[k]) for values, k in zip(some, at, strict=True))
            for key, some in relaxed.measures.items()
        }
        key = relaxed.split(sums)
        if key is None:
            continue
        known = box.ranges.get(one.name, {})
        low, high = known.get(key, (0.0, np.inf))
        if low < sums[key] < high:
            sides = ({**known, key: (low, sums[key])}, {**known, key: (sums[key], high)})
            return [replace(box, ranges={**box.ranges, one.name: side}) for side in sides]
    return []


def _halves(box: _Box, picked: tuple[int, ...], refused: Sequence[Requirement]) -> list[_Box]:
    """Two boxes that hold all of this one: split where a component takes most of a bound; none without a bound."""
    loads = [relaxed.loads for one, relaxed in box.bounds if one in refused]
    best = (0.0, -1)
    for t, kept in enumerate(box.rows):
        if len(kept) > 1 and loads:
            at = int(np.flatnonzero(kept == picked[t])[0])
            spread = max(float(one[t][at] - one[t].min()) for one in loads)
            best = max(best, (spread, t))
    t = best[1]
    if t < 0:
        return []
    load = max((one[t] for one in loads), key=lambda one: float(np.ptp(one)))
    worse = load >= load[int(np.flatnonzero(box.rows[t] == picked[t])[0])]
    if worse.all() or not worse.any():
        return []
    halves = [(*box.rows[:t], box.rows[t][side], *box.rows[t + 1 :]) for side in (worse, ~worse)]
    return [replace(box, rows=rows) for rows in halves]


def _facts(group: Group, one: Requirement, rows: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [table.facts[one.name][kept] for table, kept in zip(group.tables, rows, strict=True)]
