"""An impossible spec: the smallest set of its lines that cannot hold together, and what would be possible."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from standfast.plan.choice.tables import ideal
from standfast.plan.models.recovery import Facts, Held, designs, system_recovery
from standfast.plan.question import Question, decide
from standfast.problem import Place, Problem
from standfast.spec.model import System
from standfast.spec.quantity import show


@dataclass(frozen=True)
class Line:
    """One line that may be let go: how it reads, where it stands, and the spec without it."""

    text: str
    place: Place
    without: Callable[[System], System]
    measure: str  # availability, rto.zone, rpo.zone, p95, cost, residency


def explain(question: Question) -> list[Problem]:
    """One Problem per line of the smallest conflicting set."""
    lines = list(_lines(question.system))
    chosen = _smallest(question, lines)
    if not chosen:
        what = "nothing sold in the allowed regions can carry this load"
        return [
            Problem(what, fix="lower the load, or allow more regions", place=question.system.where("scalability.peak"))
        ]
    if len(chosen) == 1:
        what = f"{chosen[0].text} cannot be kept by anything on sale"
        why = f"{_best_on_sale(question, chosen[0])} {_possible(question, chosen[0])}".strip()
        fix = "raise the budget" if chosen[0].measure == "cost" else "loosen this line"
        return [Problem(what, why, fix, chosen[0].place)]
    together = " and ".join(f"{line.text} ({line.place.short})" for line in chosen)
    return [
        Problem(
            f"{line.text} cannot hold together with the others",
            f"no plan keeps {together}. {_possible(question, line)}".strip(),
            _fix(line),
            line.place,
        )
        for line in chosen
    ]


def _fix(line: Line) -> str:
    return "raise the budget" if line.measure == "cost" else "loosen it, or one of the lines it conflicts with"


def _lines(system: System) -> Iterable[Line]:
    wanted = system.promises

    def promises(change: Callable) -> Callable[[System], System]:
        return lambda system: replace(system, promises=change(system.promises))

    yield Line(
        f"availability {wanted.reliability.availability * 100:g}%", system.where("reliability.availability"),
        promises(lambda p: replace(p, reliability=replace(p.reliability, availability=0.0))), "availability",
    )  # fmt: skip
    for name, one in wanted.reliability.recovery.items():
        for key in ("rto", "rpo"):
            value = getattr(one, key)
            if value is not None:
                yield Line(
                    f"{key} {show(value, 's')} for {name}", system.where(f"reliability.recovery.{name}.{key}"),
                    promises(lambda p, name=name, key=key: replace(p, reliability=replace(p.reliability, recovery={
                        **p.reliability.recovery, name: replace(p.reliability.recovery[name], **{key: None})}))),
                    f"{key}.{name}",
                )  # fmt: skip
    for name, value in wanted.performance.percentiles.items():
        yield Line(
            f"{name} {show(value * 1000, 'ms')}", system.where(f"performance.{name}"),
            promises(lambda p, name=name: replace(p, performance=replace(p.performance, percentiles={
                key: v for key, v in p.performance.percentiles.items() if key != name}))), name,
        )  # fmt: skip
    if wanted.cost.budget is not None:
        yield Line(
            f"budget {show(wanted.cost.budget, 'USD/month')}", system.where("cost.budget"),
            promises(lambda p: replace(p, cost=replace(p.cost, budget=None))), "cost",
        )  # fmt: skip
    if system.rules.residency != "any":
        yield Line(
            f"residency {system.rules.residency}", system.where("rules.residency"),
            lambda system: replace(system, rules=replace(system.rules, residency="any")), "residency",
        )  # fmt: skip


def _possible_with(question: Question, lines: Iterable[Line], kept: Iterable[Line]) -> bool:
    """Whether some plan keeps exactly `kept` of the lines."""
    system = question.system
    for line in lines:
        if line not in kept:
            system = line.without(system)
    return decide(Question(system, question.catalogs)) is not None


def _smallest(question: Question, lines: list[Line]) -> list[Line]:
    """A smallest set of lines that no plan keeps; empty when even no line at all cannot be kept.

    Every set that can be kept is grown until nothing more fits; a conflict must hold a line from outside each of
    these. So: take the fewest lines that do, and ask whether a plan keeps them; if none does, that is the answer,
    and no smaller one exists. (Implicit hitting sets: Reiter, "A theory of diagnosis from first principles", 1987.)
    """
    if not _possible_with(question, lines, []):
        return []
    outside: list[set[int]] = []
    while True:
        chosen = _fewest_that_hit(outside, len(lines))
        if not _possible_with(question, lines, [lines[n] for n in chosen]):
            return [lines[n] for n in sorted(chosen)]
        kept = set(chosen)
        for n in range(len(lines)):
            if n not in kept and _possible_with(question, lines, [lines[k] for k in sorted({*kept, n})]):
                kept.add(n)
        outside.append(set(range(len(lines))) - kept)


def _fewest_that_hit(sets: list[set[int]], lines: int) -> tuple[int, ...]:
    """The first of the smallest combinations that has a member in every set."""
    for size in range(lines + 1):
        for some in itertools.combinations(range(lines), size):
            if all(one & set(some) for one in sets):
                return some
    raise AssertionError("every set has a member")  # a spec that can be kept is never explained


def _possible(question: Question, line: Line) -> str:
    """What the cheapest plan would be without this one line of the conflict."""
    system = question.system
    solution = decide(Question(line.without(system), question.catalogs), budget=line.measure != "cost")
    if solution is None:
        return ""
    return f"Without this line the cheapest plan costs {solution.cost:,.0f} USD/month."


def _best_on_sale(question: Question, line: Line) -> str:
    """The best value of one line that anything allowed could give, whatever it costs; "" where that says nothing."""
    kind, _, disruption = line.measure.partition(".")
    if kind in ("rto", "rpo"):
        value, name = _best_recovery(question, kind, disruption)
        best = "No design on sale comes back from it" if value is None else f"The best on sale is {show(value, 's')}"
        return f"{best} ({name})." if name else ""
    free = question.system
    for one in _lines(question.system):
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
        found = [
            system_recovery({name: Held(what, design, Facts(data=question.load[name].data))}, {name}, disruption)
            for design in designs(what)
        ]
        if name not in question.essential and kind == "rto":
            continue
        values = [math.inf if getattr(one, kind) is None else getattr(one, kind) for one in found]
        worst = max(worst, (min(values, default=0.0), name))
    return (None if math.isinf(worst[0]) else worst[0]), worst[1]
