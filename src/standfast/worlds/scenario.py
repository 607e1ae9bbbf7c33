"""The scenario of a tabletop drill in the names of a plan: what happens, what is asked, what the plan answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from standfast.plan import Plan
from standfast.spec.quantity import show
from standfast.worlds.system import system_shape


@dataclass(frozen=True)
class Question:
    """`expects`: words of which one must be in the answer; where there is none, any answer is recorded."""

    name: str
    asks: str
    expects: tuple[str, ...] = ()


def scenario_of(plan: Plan) -> str:
    zone = plan.zones[0] if plan.zones else plan.region
    lost = [one.name for one in system_shape(plan).hosts if one.zone == zone and one.role not in ("balancer", "edge")]
    named = f" {', '.join(lost)} do not answer." if lost else ""
    return f"It is Saturday, 3:10. {zone} is gone.{named} {plan.system.name} is slow for some and fails for others."


def questions_of(plan: Plan) -> tuple[Question, ...]:
    """Pure: the same plan asks the same."""
    system, recovery = plan.system, plan.system.promises.reliability.recovery
    found = [
        Question("present", "Who is at the table? Names, with commas between them"),
        Question("called", "Who is called first, and how?", (system.owner,)),
        Question("decides", "Who decides when that person does not answer?"),
    ]
    zone = recovery.get("zone")
    if zone is not None and zone.rto is not None:
        found.append(Question("time", "By when must users be served again?", (show(zone.rto, "s"),)))
    for choice in plan.choices:
        if choice.kind in ("postgres", "mysql"):
            takes = "nothing" if choice.design == "single" else "standby"
            asks = f"What takes over for {choice.component} when its primary is lost: its standby, or nothing?"
            found.append(Question(f"takes_over.{choice.component}", asks, (takes,)))
    optional = sorted(one.name for one in system.stores if not one.essential)
    if optional:
        found.append(Question("optional", "Without which stores do users still get served?", tuple(optional)))
    elsewhere = plan.standby.region if plan.standby is not None else "nowhere"
    found.append(Question("elsewhere", f"If all of {plan.region} goes: where does it come up again?", (elsewhere,)))
    found.append(Question("told", "What are users told, by whom, and where?"))
    return tuple(found)


def right(question: Question, answer: str) -> bool:
    """Whether one of the words that are expected stands in the answer, as a word of its own."""
    if not question.expects:
        return bool(answer)
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", answer, re.IGNORECASE) for one in question.expects)
