"""make_plan: options of every component in every allowed place, the exact choice, and the plan it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from standfast.clouds import Catalog, load_catalog, own
from standfast.plan import conflict, reasons
from standfast.plan.assembly import assemble
from standfast.plan.model import Plan, PriceOfPromise
from standfast.plan.question import Catalogs, Question, decide
from standfast.problem import Problems
from standfast.spec.model import System


def make_plan(
    system: System,
    catalog: Catalog | Catalogs | None = None,
    *,
    prices: own.OwnPrices | None = None,
    margins: bool = False,
    step: Callable[[str], None] = lambda text: None,
) -> Plan:
    """The cheapest plan that keeps every promise, with its reasons, over all clouds the rules name.

    `catalog`: other catalogs than the package's. `prices`: the user's own. `step` is told of what takes seconds.
    Raises Problems naming the smallest set of lines that cannot hold together when there is none.
    """
    question = Question(system, catalog or catalogs_of(system, prices))
    solution = decide(question)
    if solution is None:
        step("no plan keeps every promise; looking for the lines that conflict")
        raise Problems(conflict.explain(question, step))
    plan = assemble(question, solution)
    plan = replace(plan, choices=reasons.with_reasons(question, solution, plan))
    if margins:
        step("solving for what each promise costs")
        plan = replace(plan, margins=reasons.margins(question, plan))
    return plan


def margins_of(plan: Plan) -> tuple[PriceOfPromise, ...]:
    """What each promise of a plan costs, by solving again with each one notch tighter and looser."""
    return reasons.margins(Question(plan.system, catalogs_of(plan.system)), plan)


def catalogs_of(system: System, prices: own.OwnPrices | None = None) -> Catalogs:
    """The catalogs of the clouds that the rules name, at the prices of the rules' commitment and of the user."""
    clouds = sorted(set(system.rules.clouds))
    return {cloud: own.applied(load_catalog(cloud), system.rules.commitment, prices) for cloud in clouds}
