"""An impossible spec: the smallest set of its lines that cannot hold together, and the ways out with their prices."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from standfast.plan.conflict.best import best_on_sale
from standfast.plan.conflict.lines import FARTHEST, Line, lines_of
from standfast.plan.question import Question, decide
from standfast.problem import CannotTell, Problem
from standfast.spec.model import System
from standfast.spec.quantity import show

NEAR = 1.03  # how near, as a factor, the nearest value is looked for


@dataclass(frozen=True)
class Way:
    """One way out: a line let go or loosened until a plan exists, and what the cheapest such plan costs."""

    words: str
    monthly_usd: float


def explain(question: Question, step: Callable[[str], None] = lambda text: None) -> list[Problem]:
    """One Problem per line of the smallest conflicting set, with the way out that it offers and its price."""
    chosen = _smallest(question, list(lines_of(question.system)))
    if not chosen:
        what = "nothing sold in the allowed clouds can run this system, whatever is promised"
        fix = "allow more clouds or regions, split the largest service or store, or let reads go to read_replicas"
        return [Problem(what, fix=fix, place=question.system.where("rules"))]
    step("looking for the ways out of the conflict")
    ways, late = {}, set()
    for line in chosen:
        try:
            ways[line.text] = _way_out(question, line)
        except CannotTell:
            late.add(line.text)
    costs = [way.monthly_usd for way in ways.values() if way]
    cheapest = min(costs, default=0.0) if len(costs) > 1 else None
    together = " and ".join(f"{line.text} ({line.place.short})" for line in chosen)
    found = []
    for number, line in enumerate(chosen):
        way = ways.get(line.text)
        fix = way.words if way else "loosening this line alone does not help"
        if line.text in late:
            fix = "whether loosening this line alone helps could not be told in time"
        if way and way.monthly_usd == cheapest:
            fix += ", the cheapest way out"
        if len(chosen) == 1:
            what, why = f"{line.text} cannot be kept by anything on sale", best_on_sale(question, line)
        else:
            what = f"{line.text} cannot hold together with the others"
            why = "" if number else f"no plan keeps {together}"
        found.append(Problem(what, why, fix, line.place))
    return found


def possible_with(question: Question, lines: Iterable[Line], kept: Iterable[Line]) -> bool:
    """Whether some plan keeps exactly `kept` of the lines."""
    system = question.system
    for line in lines:
        if line not in kept:
            system = line.without(system)
    return _possible(question, system)


def _possible(question: Question, system: System) -> bool:
    return decide(Question(system, question.catalogs), enough=True) is not None


def _smallest(question: Question, lines: list[Line]) -> list[Line]:
    """A smallest set of lines that no plan keeps; empty when even no line at all cannot be kept.

    Every set that can be kept is grown until nothing more fits; a conflict must hold a line from outside each of
    these. So: take the fewest lines that do, and ask whether a plan keeps them; if none does, that is the answer,
    and no smaller one exists. (Implicit hitting sets: Reiter, "A theory of diagnosis from first principles", 1987.)
    """
    if not possible_with(question, lines, []):
        return []
    outside: list[set[int]] = []
    while True:
        chosen = _fewest_that_hit(outside, len(lines))
        if not possible_with(question, lines, [lines[n] for n in chosen]):
            return [lines[n] for n in sorted(chosen)]
        kept = set(chosen)
        for n in range(len(lines)):
            if n not in kept and possible_with(question, lines, [lines[k] for k in sorted({*kept, n})]):
                kept.add(n)
        outside.append(set(range(len(lines))) - kept)


def _fewest_that_hit(sets: list[set[int]], lines: int) -> tuple[int, ...]:
    """The first of the smallest combinations that has a member in every set."""
    for size in range(lines + 1):
        for some in itertools.combinations(range(lines), size):
            if all(one & set(some) for one in sets):
                return some
    raise AssertionError("every set has a member")  # a spec that can be kept is never explained


def _way_out(question: Question, line: Line) -> Way | None:
    """The line as near to what is declared as a plan exists, all others kept; None where letting it go is not enough.

    Raises CannotTell where the solver could not tell in time.
    """
    system = question.system
    if line.looser is None or not _possible(question, line.looser(system, FARTHEST)):
        loosened, words = line.without(system), "let it go"
    else:
        loosened = _nearest(question, line, line.looser)
        words = f"loosen it to {line.reads(loosened)}"
    solution = decide(Question(loosened, question.catalogs))
    if solution is None:
        return None
    if line.measure == "cost":
        return Way(f"raise the budget to {show(_dollars(solution.cost), 'USD/month')}", solution.cost)
    return Way(f"{words}: {solution.cost:,.0f} USD/month", solution.cost)


def _nearest(question: Question, line: Line, looser: Callable[[System, float], System]) -> System:
    """The least loosening under which a plan exists, to a factor of NEAR; `looser` at FARTHEST is known to have one."""
    low, high = 1.0, FARTHEST
    while high / low > NEAR:
        middle = (low * high) ** 0.5
        if _possible(question, looser(question.system, middle)):
            high = middle
        else:
            low = middle
    return looser(question.system, high)


def _dollars(cost: float) -> float:
    return float(-(-cost // 10) * 10)
