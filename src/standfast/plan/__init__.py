"""WHAT TO BUY, AND WHY: `System` and offers in, an explained `Plan` out."""

from standfast.plan.model import Alternative, Choice, CostLine, Money, Plan, PriceOfPromise, Prices

__all__ = ["Alternative", "Choice", "CostLine", "Money", "Plan", "PriceOfPromise", "Prices"]
