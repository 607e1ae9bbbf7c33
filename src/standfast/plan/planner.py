"""make_plan: options of every component in every allowed place, the exact choice, and the plan it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from standfast.clouds import Catalog, load_catalog
from standfast.plan import conflict, reasons
from standfast.plan.assembly import assemble
from standfast.plan.model import Plan, PriceOfPromise
from standfast.plan.question import Question, decide
from standfast.problem import Problem, Problems
from standfast.spec.model import System


def make_plan(
    system: System,
    catalog: Catalog | None = None,
    *,
    margins: bool = False,
    step: Callable[[str], None] = lambda text: None,
) -> Plan:
    """The cheapest plan that keeps every promise, with its reasons. `step` is told of what takes seconds.

    Raises Problems naming the smallest set of lines that cannot hold together when there is none.
    """
    catalog = catalog or load_catalog(_cloud(system))
    question = Question(system, catalog)
    solution = decide(question)
    if solution is None:
        step("no plan keeps every promise; looking for the lines that conflict")
        raise Problems(conflict.explain(question))
    plan = assemble(question, solution)
    plan = replace(plan, choices=reasons.with_reasons(question, solution, plan))
    if margins:
        step("solving for what each promise costs")
        plan = replace(plan, margins=reasons.margins(question, plan))
    return plan


def margins_of(plan: Plan) -> tuple[PriceOfPromise, ...]:
    """What each promise of a plan costs, by solving again with each one notch tighter and looser."""
    return reasons.margins(Question(plan.system, load_catalog(plan.cloud)), plan)


def _cloud(system: System) -> str:
    if "aws" in system.rules.clouds:
        return "aws"
    place = system.where("rules.clouds")
    names = ", ".join(system.rules.clouds)
    raise Problems(
        [Problem(f"no catalog yet for {names}", "only AWS can be planned today", "add aws to clouds", place)]
    )
