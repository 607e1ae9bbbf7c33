"""What a search over boxes knows: the best so far, what was refused, and what bounds follow from that."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from standfast.plan.choice.columns import Columns
from standfast.plan.choice.linear import Undecided, in_units
from standfast.plan.choice.tables import Cut, Group, Point, Ranges, Relaxation, Requirement, ideal

BORROWED = 2  # cuts made in other groups that a group is bounded with
HELD = 1_200_000  # options of opened groups that are kept in memory
LIFTED = 64  # components: above it, a refused combination is not generalised before it is cut off


@dataclass
class Search:
    groups: Sequence[Group]
    requirements: Sequence[Requirement]
    deadline: float
    gap: float
    most: float  # units: nothing dearer is of use
    best: tuple[float, int, tuple[int, ...]] | None = None
    steps: int = 0
    cuts: list[tuple[int, Cut]] = field(default_factory=list)  # with the group where each was made
    refused: dict[int, list[tuple[Requirement, Point]]] = field(default_factory=dict)  # by group
    known: dict[tuple[str, str, bytes], bool] = field(default_factory=dict)
    binding: set[str] = field(default_factory=set)  # requirements that refused something: only these are bounded
    held: dict[int, int] = field(default_factory=dict)  # groups that have their tables: options in them

    @property
    def ceiling(self) -> float:
        """Units: what a combination must not exceed to be worth finding."""
        return self.most if self.best is None else min(self.most, self.best[0] * (1 - self.gap) - 1)

    def left(self) -> float:
        if (seconds := self.deadline - time.monotonic()) <= 0:
            raise Undecided("time limit")
        return seconds

    def open(self, index: int) -> Group:
        """A group with its tables; those used longest ago are forgotten where there are too many."""
        group = self.groups[index]
        self.held.pop(index, None)
        self.held[index] = sum(len(table.cost) for table in group.tables)
        while len(self.held) > 1 and sum(self.held.values()) > HELD:
            oldest = next(iter(self.held))
            self.groups[oldest].forget()
            del self.held[oldest]
        return group

    def holds(self, requirement: Requirement, group: str, point: Point) -> bool:
        key = (requirement.name, group, b"|".join(facts.tobytes() for facts in point))
        if key not in self.known:
            self.known[key] = requirement.holds(group, point)
        return self.known[key]

    def refusing(self, group: Group, rows: Sequence[int]) -> list[Requirement]:
        return [one for one in self.requirements if not self.holds(one, group.name, point_of(group, one, rows))]

    def take(self, index: int, rows: tuple[int, ...]) -> None:
        cost = cost_of(self.groups[index], rows)
        if cost <= self.ceiling or (self.best and cost < self.best[0]):
            self.best = (cost, index, rows)

    def refuse(self, index: int, one: Requirement, rows: Sequence[int]) -> None:
        """Never this combination again, nor one that is better in nothing."""
        group = self.groups[index]
        point = point_of(group, one, rows)
        if len(group.tables) <= LIFTED:
            point = self._lifted(group, one, point)
        self.refused.setdefault(index, []).append((one, point))

    def columns(
        self,
        index: int,
        rows: Sequence[np.ndarray],
        bounds: Sequence[tuple[Requirement, Relaxation]],
        ranges: Mapping[str, Ranges],
    ) -> Columns:
        """These rows of a group with every bound that is known for them."""
        group = self.groups[index]
        columns = Columns(group.tables, rows, self.left)
        for requirement, one in bounds:
            if one.most > 0:
                columns.loaded(one.loads, -np.inf, one.most * (1 + 1e-7), requirement.name)
            for key, (low, high) in ranges.get(requirement.name, {}).items():
                if np.isfinite(high):
                    columns.loaded(one.measures[key], -np.inf, high * (1 + 1e-9))
                if low > 0:
                    columns.loaded(one.measures[key], low * (1 - 1e-9), np.inf)
        for one, point in self.refused.get(index, ()):  # better than the point in at least one fact
            facts = (table.facts[one.name][kept] for table, kept in zip(group.tables, rows, strict=True))
            better = [(~(some >= at).all(axis=1)).astype(float) for some, at in zip(facts, point, strict=True)]
            columns.loaded(better, 1.0, np.inf)
        own = [cut for made, cut in self.cuts if made == index]
        others = [cut for made, cut in self.cuts if made != index and cut.holds_in(group.name)]
        for cut in (*others[-BORROWED:], *own):
            columns.cut(cut)
        return columns

    def _lifted(self, group: Group, one: Requirement, point: Point) -> Point:
        """The failing point made better, fact by fact, as long as it fails: the cut then excludes far more."""
        best, lifted = ideal([table.facts[one.name] for table in group.tables]), list(point)
        order = sorted(range(len(point)), key=lambda t: len(group.tables[t].cost))
        for t in order:
            kept, lifted[t] = lifted[t], best[t]
            if self.holds(one, group.name, tuple(lifted)):
                lifted[t] = kept
        for t in order:
            for k in range(len(lifted[t])):
                steps = np.unique(group.tables[t].facts[one.name][:, k])
                low, high = (
                    0,
                    int(np.searchsorted(steps, lifted[t][k])),
                )  # steps[high] fails; find the best that still does
                while low < high:
                    middle = (low + high) // 2
                    better = lifted[t].copy()
                    better[k] = steps[middle]
                    holds = self.holds(one, group.name, (*lifted[:t], better, *lifted[t + 1 :]))
                    low, high = (middle + 1, high) if holds else (low, middle)
                lifted[t] = lifted[t].copy()
                lifted[t][k] = steps[high]
        return tuple(lifted)


def point_of(group: Group, one: Requirement, rows: Sequence[int]) -> Point:
    return tuple(table.facts[one.name][row] for table, row in zip(group.tables, rows, strict=True))


def cost_of(group: Group, rows: Sequence[int]) -> float:
    """Units."""
    parts = (float(in_units(table.cost[row])) for table, row in zip(group.tables, rows, strict=True))
    return float(in_units(group.fixed)) + sum(parts)
