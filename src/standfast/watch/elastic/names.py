"""What the streams of a system are called: `logs-<dataset>-<namespace>`, and neither part has a `-`."""

from __future__ import annotations

from standfast.plan import Plan

SHIPPED_DAYS = 90  # where a plan says nothing of logs


def system(plan: Plan) -> str:
    return plan.system.name.replace("-", "_")


def environment(plan: Plan) -> str:
    return plan.system.environment.replace("-", "_")


def pattern(plan: Plan) -> str:
    """Every stream of the system in this environment."""
    return f"logs-{system(plan)}.*-{environment(plan)}"


def days(plan: Plan) -> int:
    """How long the plan keeps logs."""
    kept = [choice.size["retention_days"] for choice in plan.choices if choice.kind == "logs"]
    return int(kept[0]) if kept else SHIPPED_DAYS
