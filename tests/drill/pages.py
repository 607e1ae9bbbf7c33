"""The runbooks that drills follow, written from the shop's plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from standfast.drill import drill_module
from standfast.operate.target import runbook_for
from standfast.plan import Plan
from standfast.runbook import Runbook
from standfast.spec import parse_spec
from tests.shop import EXAMPLES, shop_plan


def page(drill: str, *, standby: bool = True) -> Runbook | None:
    """What a plan with a standby of `orders`, or with a single server, has for a drill."""
    return _page(drill_module(drill).RUNBOOK, drill, "multi-az-standby" if standby else "single")


@cache
def needed_plan() -> Plan:
    """The shop whose requests need its cache, of which there is one node."""
    text = (EXAMPLES / "shop.yaml").read_text().replace(", essential: false", "")
    choices = [
        replace(one, design="single", count=1, zones=1) if one.component == "sessions" else one
        for one in shop_plan().choices
    ]
    return replace(shop_plan(), system=parse_spec(text, "shop.yaml"), choices=tuple(choices))


@cache
def mysql_plan() -> Plan:
    """The shop with MySQL in the place of PostgreSQL."""
    text = (EXAMPLES / "shop.yaml").read_text().replace("{kind: postgres,", "{kind: mysql,")
    choices = [replace(one, kind="mysql") if one.component == "orders" else one for one in shop_plan().choices]
    return replace(shop_plan(), system=parse_spec(text, "shop.yaml"), choices=tuple(choices))


@cache
def mysql_page() -> Runbook | None:
    """What it has on ruined data."""
    return runbook_for(mysql_plan(), "corruption")


@cache
def needed_page(drill: str) -> Runbook | None:
    return runbook_for(needed_plan(), drill)


@cache
def _page(name: str, drill: str, design: str) -> Runbook | None:
    plan = shop_plan()
    choices = tuple(replace(one, design=design) if one.component == "orders" else one for one in plan.choices)
    return runbook_for(replace(plan, choices=choices), drill)
