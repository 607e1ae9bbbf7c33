"""The best value of one line that anything on sale could give, whatever it costs."""

from __future__ import annotations

import math

from standfast.plan.choice.tables import ideal
from standfast.plan.conflict.lines import Line, lines_of
from standfast.plan.models.recovery import Facts, Held, designs, system_recovery
from standfast.plan.options.recovering import held
from standfast.plan.question import Question
from standfast.spec.quantity import show

CACHES = (
    "What a Redis holds follows to another region on AWS (warm standby) and Azure alone; with essential: false it is a "
    "cache, and may begin empty."
)


def best_on_sale(question: Question, line: Line) -> str:
    """The best value of one line that anything allowed could give, whatever it costs; "" where that says nothing."""
    kind, _, disruption = line.measure.partition(".")
    if kind in ("rto", "rpo"):
        value, name = _best_recovery(question, kind, disruption)
        best = "No design on sale comes back from it" if value is None else f"The best on sale is {show(value, 's')}"
        caches = [one for one in question.system.stores if one.kind == "redis" and one.name in question.essential]
        why = f" {CACHES}" if caches and disruption == "region" else ""
        return f"{best} ({name}).{why}" if name else ""
    free = question.system
    for one in lines_of(question.system):
        if one.measure not in (line.measure, "residency"):
            free = one.without(free)
    asked = Question(free, question.catalogs)
    requirement = next((one for one in asked.requirements() if one.name == line.measure), None)
    if requirement is None:
        return ""
    best_facts = [
        (place.name, ideal([one.table.facts[line.measure] for one in asked.options(place)])) for place in asked.places
    ]
    value = min(requirement.value(name, point) for name, point in best_facts)
    shown = f"{100 * (1 - value):.4g}%" if line.measure == "availability" else show(1000 * value, "ms")
    return f"The best that anything on sale would give is {shown}."


def _best_recovery(question: Question, kind: str, disruption: str) -> tuple[float | None, str]:
    """The worst component at its best design: seconds (None: never) and its name."""
    worst: tuple[float, str] = (0.0, "")
    for name in question.names:
        part = question.system.component(name)
        what = getattr(part, "kind", "server")
        data = question.load[name].data
        kept = {Held(what, design, Facts(data=data)) for design in designs(what)}
        if disruption == "region":  # what comes back depends on what stands elsewhere
            kept |= {held(what, one.design, place, data) for one in kept for place in question.places}
        found = [system_recovery({name: one}, {name}, disruption) for one in kept]
        if name not in question.essential and kind == "rto":
            continue
        values = [math.inf if getattr(one, kind) is None else getattr(one, kind) for one in found]
        worst = max(worst, (min(values, default=0.0), name))
    return (None if math.isinf(worst[0]) else worst[0]), worst[1]
