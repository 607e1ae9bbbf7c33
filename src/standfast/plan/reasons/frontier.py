"""What availability costs: the cheapest plan for each step of a ladder of promises."""

from __future__ import annotations

from dataclasses import dataclass, replace

from standfast.plan.model import Plan
from standfast.plan.question import Catalogs, Question, decide
from standfast.problem import CannotTell

LADDER = (0.95, 0.98, 0.99, 0.995, 0.997, 0.998, 0.999, 0.9992, 0.9994, 0.9995, 0.9997, 0.9999)


@dataclass(frozen=True)
class Step:
    """The availability that is promised (a fraction) and what the cheapest plan costs; None: there is none."""

    availability: float
    usd: float | None
    where: str
    declared: bool = False
    unknown: bool = False  # the solver could not tell in time


def frontier(plan: Plan, catalogs: Catalogs) -> tuple[Step, ...]:
    """The cheapest plan per step, all other promises kept, the budget aside. Ends at the first that is impossible."""
    system, found = plan.system, []
    declared = system.promises.reliability.availability
    for wanted in sorted({*LADDER, declared}):
        reliability = replace(system.promises.reliability, availability=wanted)
        question = Question(replace(system, promises=replace(system.promises, reliability=reliability)), catalogs)
        try:
            solution = decide(question, budget=False)
        except CannotTell:
            found.append(Step(wanted, None, "", wanted == declared, unknown=True))
            continue
        if solution is None:
            found.append(Step(wanted, None, "", wanted == declared))
            break
        place = question.places[solution.group]
        where = f"{place.cloud} {place.region.name}, {place.zones} zone{'s' if place.zones > 1 else ''}"
        found.append(Step(wanted, solution.cost, where, wanted == declared))
    return tuple(found)
