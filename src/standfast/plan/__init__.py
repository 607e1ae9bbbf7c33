"""WHAT TO BUY, AND WHY: `System` and offers in, an explained `Plan` out.

The choice (`planner`) and the reading of old plans (`store`) are imported when they are asked for: they need the
solver and pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from standfast.plan.model import Alternative, Choice, CostLine, Elsewhere, Money, Plan, PriceOfPromise, Prices

if TYPE_CHECKING:
    from standfast.plan.planner import make_plan
    from standfast.plan.store import plan_to_json, read_plan

__all__ = [
    "Alternative",
    "Choice",
    "CostLine",
    "Elsewhere",
    "Money",
    "Plan",
    "PriceOfPromise",
    "Prices",
    "make_plan",
    "plan_to_json",
    "read_plan",
]
_LAZY = {"make_plan": "planner", "read_plan": "store", "plan_to_json": "store"}


def __getattr__(name: str) -> Any:
    import importlib

    if name not in _LAZY:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"standfast.plan.{_LAZY[name]}"), name)
