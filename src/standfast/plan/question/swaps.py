"""What would fail if one component of a solution took another option and all else stayed."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from standfast.plan.choice.tables import Point, Solution
from standfast.plan.models import latency
from standfast.plan.models.deadline import Deadline
from standfast.plan.question import Question
from standfast.plan.question.late import serving_of

EXACT_UP_TO = 60  # components; with more, the slopes of the share in time tell


class Swaps:
    """One solution, and the requirements that hold or fail when one row of it is another."""

    def __init__(self, question: Question, solution: Solution):
        self.question, self.solution = question, solution
        self.place = question.places[solution.group]
        self.tables = [one.table for one in question.options(self.place)]
        self.requirements = question.requirements()

    def failing(self, at: int, row: int) -> list[str]:
        """The names of the requirements that fail when component number `at` takes this row of its table."""
        return [one.name for one in self.requirements if not self._holds(one.name, at, row)]

    def _holds(self, name: str, at: int, row: int) -> bool:
        if name in self._slopes and len(self.tables) > EXACT_UP_TO:
            share, wanted, deadline, own, slopes = self._slopes[name]
            part = self.question.names[at]
            other = deadline.own(part, serving_of(self.tables[at].facts[name][row]))
            found = share + float((slopes[part] * (other - own[part])).real.sum())
            return found >= wanted
        requirement = next(one for one in self.requirements if one.name == name)
        return requirement.holds(self.place.name, self._point(name, at, row))

    def _point(self, name: str, at: int, row: int) -> Point:
        rows = [row if t == at else chosen for t, chosen in enumerate(self.solution.rows)]
        return tuple(table.facts[name][r] for table, r in zip(self.tables, rows, strict=True))

    @cached_property
    def _slopes(self) -> dict[str, tuple[float, float, Deadline, dict[str, np.ndarray], dict[str, np.ndarray]]]:
        """Per percentile: the share in time, the share wanted, and what `Deadline` needs to tell another."""
        question, found = self.question, {}
        for name, seconds in question.system.promises.performance.percentiles.items():
            deadline = Deadline(question.system, question.load, seconds)
            own = {
                part: deadline.own(part, serving_of(table.facts[name][row]))
                for part, table, row in zip(question.names, self.tables, self.solution.rows, strict=True)
            }
            share, slopes = deadline.slopes(own, question.rtt[self.place.name])
            found[name] = (share, latency.share_of(name), deadline, own, slopes)
        return found
