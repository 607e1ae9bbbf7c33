"""The runbooks that drills follow, written from the shop's plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from standfast.drill import drill_module
from standfast.operate.target import runbook_for
from standfast.runbook import Runbook
from tests.shop import shop_plan


def page(drill: str, *, standby: bool = True) -> Runbook | None:
    """What a plan with a standby of `orders`, or with a single server, has for a drill."""
    return _page(drill_module(drill).RUNBOOK, drill, "multi-az-standby" if standby else "single")


@cache
def _page(name: str, drill: str, design: str) -> Runbook | None:
    plan = shop_plan()
    choices = tuple(replace(one, design=design) if one.component == "orders" else one for one in plan.choices)
    return runbook_for(replace(plan, choices=choices), drill)
