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
]
CLOUDS = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))


def make_blueprint(plan: Plan) -> Blueprint:
    """Everything that must stand for a plan. Pure: the same plan, the same blueprint. Raises Problems."""
    if plan.cloud not in CLOUDS:
        fix = f"allow one of {', '.join(CLOUDS)} under rules: clouds"
        raise Problems([Problem(f"{quoted(plan.cloud)} can be planned, but not built yet", fix=fix)])
    return importlib.import_module(f"standfast.blueprint.{plan.cloud}").blueprint(plan)
