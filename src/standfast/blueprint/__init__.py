"""WHAT STANDS WHERE: a `Plan` in, cloud `Resource`s out.

A cloud is a package in this folder with `def blueprint(plan) -> Blueprint`; the folder is the register.
"""

from __future__ import annotations

import importlib
import pkgutil

from standfast.blueprint.model import (
    Base64,
    Block,
    Blueprint,
    Join,
    Json,
    Note,
    Output,
    Ref,
    Resource,
    Var,
    Variable,
)
from standfast.plan.model import Plan
from standfast.problem import Problem, Problems, quoted

__all__ = [
    "Base64",
    "Block",
    "Blueprint",
    "Join",
    "Json",
    "Note",
    "Output",
    "Ref",
    "Resource",
    "Var",
    "Variable",
    "make_blueprint",
    "make_blueprints",
    "unwritten",
]
SHAPES = {"container": "a container platform", "kubernetes": "Kubernetes"}
CLOUDS = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))


def unwritten(plan: Plan) -> list[Problem]:
    """What of a plan no blueprint here can write yet, each with its way out; empty where everything can be built."""
    where, found = plan.system.where, []
    if plan.cloud not in CLOUDS:
        fix = f"allow only {' or '.join(CLOUDS)} under rules: clouds"
        found.append(Problem(f"{quoted(plan.cloud)} can be planned, but not built yet", "", fix, where("rules.clouds")))
    if plan.shape != "vm":
        fix = "write compute: vm under rules"
        found.append(
            Problem(
                f"services on {SHAPES[plan.shape]} can be planned, but not built yet", "", fix, where("rules.compute")
            )
        )
    if plan.standby:
        what = f"a standby in another region ({plan.standby.design}) can be planned, but not built yet"
        place = where("reliability.recovery.region")
        found.append(Problem(what, "", "build without the promise for region, and copy the backups by hand", place))
    for choice in plan.choices:
        if choice.size.get("read_replicas"):
            what = f"the read replicas of {choice.component} can be planned, but not built yet"
            found.append(Problem(what, "", "remove read_replicas, or add them by hand", choice.place))
    return found


def make_blueprint(plan: Plan) -> Blueprint:
    """Everything that must stand for a plan. Pure: the same plan, the same blueprint. Raises Problems."""
    if problems := unwritten(plan):
        raise Problems(problems)
    return importlib.import_module(f"standfast.blueprint.{plan.cloud}").blueprint(plan)


def make_blueprints(plan: Plan) -> tuple[Blueprint, ...]:
    """The blueprint of the primary first, then of the standby where there is one. Raises Problems."""
    return (make_blueprint(plan),)
