"""Reasons: why each choice, what binds it, its next best, and what each promise costs at the margin."""

from __future__ import annotations

from dataclasses import replace

from standfast.plan.choice.tables import Solution
from standfast.plan.model import Alternative, Choice, Plan, PriceOfPromise
from standfast.plan.models.recovery import STATEFUL, Facts, Held
from standfast.plan.options.recovering import broken_by, survivors
from standfast.plan.question import Question, decide
from standfast.plan.question.swaps import Swaps
from standfast.problem import CannotTell
from standfast.spec.model import System
from standfast.spec.quantity import show

LADDER = (0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99995, 0.99999)


def with_reasons(question: Question, solution: Solution, plan: Plan) -> tuple[Choice, ...]:
    """The choices of the plan with `because`, `binds` and `next_best` filled in."""
    place = question.places[solution.group]
    reasoned, swaps = [], Swaps(question, solution)
    for choice in plan.choices:
        if choice.component not in question.names:
            reasoned.append(choice)
            continue
        at = question.names.index(choice.component)
        binds = _binds(swaps, at) or _design_binds(question, choice)
        nearest = _next_best(swaps, at)
        many = len(question.options(place)[at].table.cost)
        ways = f"the cheapest of {many} ways" if many > 1 else "the only way"
        because = f"{ways} to run {choice.component} ({choice.place.short}) that keeps every promise"
        reasoned.append(replace(choice, because=because, binds=binds, next_best=nearest))
    return tuple(reasoned)


def _words(question: Question, name: str) -> str:
    system = question.system
    if name == "availability":
        wanted = system.promises.reliability.availability
        return f"availability {wanted * 100:g}% ({system.where('reliability.availability').short})"
    seconds = system.promises.performance.percentiles[name]
    return f"{name} {show(seconds * 1000, 'ms')} ({system.where(f'performance.{name}').short})"


def _binds(swaps: Swaps, at: int) -> str:
    """What stopped the dearest of the cheaper options; "" where nothing is cheaper."""
    table = swaps.tables[at]
    chosen = table.cost[swaps.solution.rows[at]]
    cheaper = [int(row) for row in table.cost.argsort(kind="stable")[::-1] if table.cost[row] < chosen - 1e-9]
    for row in cheaper[:50]:
        failed = swaps.failing(at, row)
        if failed:
            return _words(swaps.question, failed[0])
    return ""


def _design_binds(question: Question, choice: Choice) -> str:
    """What ruled out the plain design before any price was looked at: a recovery promise, or the peak."""
    system = question.system
    if choice.design == STATEFUL:
        return f"one server: it keeps data on its own disk ({system.component(choice.component).place.short})"
    if choice.kind in ("server", "container", "pod"):
        lost = survivors(system, choice.zones)
        load = system.promises.scalability
        peak = show(load.at_horizon(load.peak), "rps") + (f" with one {lost} lost" if lost else "")
        return f"{peak} ({system.where('scalability.peak').short})"
    if choice.design in ("multi-az-standby", "replicated"):
        data = Facts(data=question.load[choice.component].data)
        broken = broken_by(system, choice.component, Held(choice.kind, "single", data))
        if broken:
            disruption, _, key = broken.partition(".")
            value = getattr(system.promises.reliability.recovery[disruption], key)
            place = system.where(f"reliability.recovery.{broken}").short
            return f"{key} {show(value, 's')} for {disruption} ({place})"
    return ""


def _next_best(swaps: Swaps, at: int) -> Alternative | None:
    options = swaps.question.options(swaps.place)[at]
    chosen = options.table.cost[swaps.solution.rows[at]]
    for row in options.table.cost.argsort(kind="stable"):
        if int(row) == swaps.solution.rows[at] or options.table.cost[row] < chosen - 1e-9:
            continue
        if not swaps.failing(at, int(row)):
            one, monthly = options.row(int(row)), float(options.table.cost[row])
            why = (
                f"{monthly - chosen:+,.0f} USD/month" if monthly - chosen >= 0.5 else "the same price; the name decides"
            )
            return Alternative(one.offer, one.count, one.zones, monthly, why)
    return None


def margins(question: Question, plan: Plan) -> tuple[PriceOfPromise, ...]:
    """The same spec with each promise one notch tighter and looser, solved again."""
    base = plan.monthly.typical
    return tuple(
        _priced(question, measure, change, changed, base) for measure, change, changed in _notches(question.system)
    )


def _priced(question: Question, measure: str, change: str, changed: System, base: float) -> PriceOfPromise:
    try:
        solution = decide(Question(changed, question.catalogs), budget=False)
    except CannotTell as unknown:
        return PriceOfPromise(measure, change, None, f"unknown: {unknown.problem.why}")
    if solution is None:
        return PriceOfPromise(measure, change, None)
    return PriceOfPromise(measure, change, round(solution.cost - base, 2) + 0.0)  # + 0.0: no minus before a zero


def _notches(system: System):
    wanted = system.promises
    now = wanted.reliability.availability
    for target in [step for step in LADDER if step < now][-1:] + [step for step in LADDER if step > now][:1]:
        changed = replace(wanted, reliability=replace(wanted.reliability, availability=target))
        yield "reliability.availability", f"{now * 100:g}% -> {target * 100:g}%", replace(system, promises=changed)
    for name, value in wanted.performance.percentiles.items():
        for factor in (1.25, 0.8):
            times = {**wanted.performance.percentiles, name: value * factor}
            changed = replace(wanted, performance=replace(wanted.performance, percentiles=times))
            change = f"{show(value * 1000, 'ms')} -> {show(value * factor * 1000, 'ms')}"
            yield f"performance.{name}", change, replace(system, promises=changed)
    for factor in (0.67, 1.5):
        load = replace(
            wanted.scalability, peak=wanted.scalability.peak * factor, average=wanted.scalability.average * factor
        )
        change = f"{show(wanted.scalability.peak, 'rps')} -> {show(load.peak, 'rps')}"
        yield "scalability.peak", change, replace(system, promises=replace(wanted, scalability=load))
    for disruption, one in wanted.reliability.recovery.items():
        if one.rto:
            recovery = {**wanted.reliability.recovery, disruption: replace(one, rto=one.rto / 2)}
            changed = replace(wanted, reliability=replace(wanted.reliability, recovery=recovery))
            change = f"{show(one.rto, 's')} -> {show(one.rto / 2, 's')}"
            yield f"reliability.rto.{disruption}", change, replace(system, promises=changed)
