"""WHAT STANDS WHERE: a `Plan` in, cloud `Resource`s out.

A cloud is a package in this folder; the folder is the register. It has

    WRITES                       which shapes of compute, designs of a standby and other parts it can write
    blueprint(plan, first=None)  the Blueprint of a plan; `first`: the plan whose standby this one is
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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
from standfast.problem import Problem, Problems, quoted

if TYPE_CHECKING:
    from standfast.blueprint.site import at_standby
    from standfast.plan.model import Plan

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
    "at_standby",
    "make_blueprint",
    "make_blueprints",
    "unwritten",
]
CLOUDS = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))
# What a cloud's package may name in its WRITES, beside the designs of a standby: in words, and the way out.
PARTS = {
    "vm": ("services on servers", "write compute: container under rules"),
    "container": ("services on a container platform", "write compute: vm under rules"),
    "kubernetes": ("services on Kubernetes", "write compute: vm under rules"),
    "copies of backups on another cloud": (
        "copies of backups on another cloud",
        "allow one cloud under rules: clouds, or a smaller rto for region",
    ),
    "read replicas": ("read replicas", "remove read_replicas, or add them by hand"),
}
APART = "build without the promise for region, and copy the backups by hand"


def unwritten(plan: Plan) -> list[Problem]:
    """What of a plan no blueprint here can write yet, each with its way out; empty where everything can be built."""
    where, found = plan.system.where, []
    sites = [(plan.cloud, where("rules.clouds"), {plan.shape: where("rules.compute")})]
    replicas = next((one.place for one in plan.choices if one.size.get("read_replicas")), None)
    if replicas:
        sites[0][2]["read replicas"] = replicas
    if plan.standby:
        place = where("reliability.recovery.region")
        sites[0][2][plan.standby.design] = place
        if plan.standby.cloud != plan.cloud and plan.standby.design in ("backup", "log-shipping"):
            sites[0][2]["copies of backups on another cloud"] = place
        sites.append((plan.standby.cloud, place, {"vm": place, plan.standby.design: place}))
    for cloud, place, needed in sites:
        if cloud not in CLOUDS:
            fix = f"allow only {' or '.join(CLOUDS)} under rules: clouds"
            found.append(Problem(f"{quoted(cloud)} can be planned, but not built yet", "", fix, place))
            continue
        for part, at in needed.items():
            if part not in _package(cloud).WRITES:
                what, fix = PARTS.get(part, (f"a standby in another region ({part})", APART))
                found.append(Problem(f"{what} can be planned, but not built yet on {cloud}", "", fix, at))
    return list(dict.fromkeys(found))


def make_blueprint(plan: Plan) -> Blueprint:
    """Everything that must stand on a plan's first site. Pure: the same plan, the same blueprint. Raises Problems."""
    return make_blueprints(plan)[0]


def make_blueprints(plan: Plan) -> tuple[Blueprint, ...]:
    """The blueprint of the first site, and of the standby where the plan has one. Raises Problems."""
    if problems := unwritten(plan):
        raise Problems(problems)
    from standfast.blueprint.site import at_standby
    from standfast.blueprint.workloads import with_workloads

    first = _package(plan.cloud).blueprint(plan)
    if plan.shape == "kubernetes":
        first = with_workloads(first, plan)
    if plan.standby is None:
        return (first,)
    other = _package(plan.standby.cloud).blueprint(at_standby(plan), plan)
    return first, replace(other, site="standby")


def __getattr__(name: str) -> Any:
    if name != "at_standby":
        raise AttributeError(name)
    from standfast.blueprint.site import at_standby  # whoever reads resources only needs no plan

    return at_standby


def _package(cloud: str) -> Any:
    return importlib.import_module(f"standfast.blueprint.{cloud}")
