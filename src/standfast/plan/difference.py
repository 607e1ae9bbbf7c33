"""What changes between two plans: in money, in what is bought, in the promises. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from standfast.plan.model import Choice, Plan
from standfast.promise import Promise, Verdict

CENT = 0.005  # USD: less is no change


@dataclass(frozen=True)
class Bought:
    """One component that is bought otherwise; None where it is not bought at all. Money in USD per month."""

    component: str
    before: str | None
    after: str | None
    usd_before: float
    usd_after: float

    @property
    def usd(self) -> float:
        return self.usd_after - self.usd_before


@dataclass(frozen=True)
class Promised:
    """One promise that is declared or predicted otherwise; None where a plan does not make it."""

    measure: str
    unit: str
    declared: tuple[float | None, float | None]
    predicted: tuple[float | None, float | None]
    verdict: tuple[Verdict | None, Verdict | None]

    @property
    def newly_broken(self) -> bool:
        return self.verdict[1] == "broken" and self.verdict[0] != "broken"


@dataclass(frozen=True)
class Difference:
    where: tuple[str, str]  # "aws eu-west-1, 3 zones"
    usd: tuple[float, float]
    bought: tuple[Bought, ...]  # only what changes, the largest change first
    promised: tuple[Promised, ...]  # only what changes, in the order of the newer plan

    @property
    def newly_broken(self) -> tuple[Promised, ...]:
        return tuple(one for one in self.promised if one.newly_broken)


def difference(before: Plan, after: Plan) -> Difference:
    """What a step from one plan to the other changes."""
    return Difference(
        (where(before), where(after)), (before.monthly.typical, after.monthly.typical),
        _bought(before, after), _promised(before, after),
    )  # fmt: skip


def where(plan: Plan) -> str:
    """`aws eu-west-1, 3 zones, vm; warm-standby in aws eu-west-2`."""
    behind = f"; {plan.standby.design} in {plan.standby.cloud} {plan.standby.region}" if plan.standby else ""
    zones = f"{len(plan.zones)} zone{'s' if len(plan.zones) > 1 else ''}"
    return f"{plan.cloud} {plan.region}, {zones}, {plan.shape}{behind}"


def what(choice: Choice) -> str:
    """`9 × c8g.large, 3 zones`."""
    count = f"{choice.count} × " if choice.count > 1 else ""
    zones = f", {choice.zones} zones" if choice.zones > 1 else ""
    return f"{count}{choice.offer}{zones}"


def _bought(before: Plan, after: Plan) -> tuple[Bought, ...]:
    old, new = ({choice.component: choice for choice in plan.choices} for plan in (before, after))
    found = []
    for name in sorted(old.keys() | new.keys()):
        one, other = old.get(name), new.get(name)
        row = Bought(
            name, what(one) if one else None, what(other) if other else None,
            one.monthly.typical if one else 0.0, other.monthly.typical if other else 0.0,
        )  # fmt: skip
        if row.before != row.after or abs(row.usd) > CENT:
            found.append(row)
    return tuple(sorted(found, key=lambda row: (-abs(row.usd), row.component)))


def _promised(before: Plan, after: Plan) -> tuple[Promised, ...]:
    old, new = ({row.measure: row for row in plan.promises} for plan in (before, after))
    found = []
    for measure in [*new, *(gone for gone in old if gone not in new)]:
        one, other = old.get(measure), new.get(measure)
        row = Promised(
            measure, next(known.unit for known in (other, one) if known),
            _both(one, other, "declared"), _both(one, other, "predicted"),
            (one.verdict if one else None, other.verdict if other else None),
        )  # fmt: skip
        if any(_differ(*pair) for pair in (row.declared, row.predicted)) or row.verdict[0] != row.verdict[1]:
            found.append(row)
    return tuple(found)


def _both(one: Promise | None, other: Promise | None, name: str) -> tuple[float | None, float | None]:
    return (getattr(one, name) if one else None, getattr(other, name) if other else None)


def _differ(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > 1e-9 * max(abs(one), abs(other))
