"""The best plan of each cloud beside the best of all, by requirements, cost, performance and features. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from standfast.plan.difference import where
from standfast.plan.model import Plan
from standfast.problem import Problem
from standfast.spec.quantity import show


@dataclass(frozen=True)
class Column:
    """One candidate. `usd` is None where it has no plan, and then `loses` says why."""

    name: str
    where: str
    requirements: str
    usd: float | None
    cost: str
    performance: str
    features: str
    loses: str


def compare(plans: Mapping[str, Plan | Sequence[Problem]]) -> tuple[Column, ...]:
    """One column per candidate, the cheapest first, those without a plan last. At least one is given."""
    made = {name: plan for name, plan in plans.items() if isinstance(plan, Plan)}
    best = min((plan.monthly.typical for plan in made.values()), default=0.0)
    columns = [_column(name, plan, best, made) for name, plan in made.items()]
    columns += [_none(name, why) for name, why in plans.items() if not isinstance(why, Plan)]
    return tuple(sorted(columns, key=lambda one: (one.usd is None, one.usd or 0.0)))


def _column(name: str, plan: Plan, best: float, made: Mapping[str, Plan]) -> Column:
    verdicts = [row.verdict for row in plan.promises]
    kept = f"{verdicts.count('kept')} of {len(verdicts)} kept"
    unknown = verdicts.count("unknown")
    money = plan.monthly
    times = [row for row in plan.promises if row.measure.startswith("performance.") and row.predicted is not None]
    up = next((row for row in plan.promises if row.measure == "reliability.availability"), None)
    performance = [f"{row.measure.partition('.')[2]} {show(row.predicted, row.unit)}" for row in times if row.predicted]
    if up and up.predicted is not None:
        performance.append(f"up {up.predicted:.4g}%")
    return Column(
        name, where(plan), kept + (f", {unknown} unknown" if unknown else ""), money.typical,
        f"{money.typical:,.0f} USD/month ({money.low:,.0f} to {money.high:,.0f})", ", ".join(performance),
        _features(plan), _loses(plan, best, made),
    )  # fmt: skip


def _features(plan: Plan) -> str:
    """What it is made of, in the words the cloud sells it under."""
    bought = [
        choice for choice in plan.choices if choice.kind in ("server", "container", "pod", "postgres", "mysql", "redis")
    ]
    found = list(dict.fromkeys(choice.offer for choice in bought))
    return ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")


def _loses(plan: Plan, best: float, made: Mapping[str, Plan]) -> str:
    more = plan.monthly.typical - best
    if more < 0.5:
        return ""
    cheapest = min(made.values(), key=lambda one: one.monthly.typical)
    ours, theirs = ({c.component: c.monthly.typical for c in one.choices} for one in (plan, cheapest))
    dearer = {name: ours.get(name, 0.0) - theirs.get(name, 0.0) for name in ours.keys() | theirs.keys()}
    worst = sorted(dearer, key=lambda name: (-dearer[name], name))[:2]
    reasons = " and ".join(f"{name} {dearer[name]:+,.0f}" for name in worst if dearer[name] >= 0.5)
    return f"{more:+,.0f} USD/month: {reasons}" if reasons else f"{more:+,.0f} USD/month"


def _none(name: str, problems: Sequence[Problem]) -> Column:
    why = "; ".join(f"{one.what}: {one.fix}" if one.fix else one.what for one in problems[:1]) or "no plan"
    return Column(name, "–", "none kept together", None, "–", "–", "–", why)
