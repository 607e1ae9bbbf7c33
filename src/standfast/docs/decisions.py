"""Why each part is what it is: the line that asked, what binds, the next best."""

from __future__ import annotations

from standfast.docs.told import DESIGNS, MADE, Told, place_of, usd
from standfast.markdown import code, table, text
from standfast.markdown import page as paged
from standfast.plan import Choice
from standfast.plan.difference import what


def page(told: Told) -> str:
    plan = told.plan
    gap = plan.facts.get("gap", 0.0)
    proof = "Nothing on sale that keeps every promise is cheaper" + (f" by more than {gap:.2%}." if gap else ".")
    rules = told.system.rules
    allowed = [
        ("clouds", ", ".join(rules.clouds)), ("regions", ", ".join(rules.regions) or "all that residency allows"),
        ("residency", rules.residency), ("compute", rules.compute), ("commitment", rules.commitment),
    ]  # fmt: skip
    return paged(
        f"# {text(told.system.name)}: decisions",
        MADE,
        f"All parts were chosen together, as the cheapest set that keeps every promise. {proof} Prices are of "
        f"{text(plan.prices.oldest)} to {text(plan.prices.newest)}. The numbers behind a choice: "
        + code(f"standfast explain {told.again} COMPONENT")
        + ". Other clouds beside this one: "
        + code(f"standfast compare {told.again}")
        + ".",
        "## What was allowed",
        table(
            ("rule", "is", "spec"),
            [(name, text(value), place_of(told.system.where(f"rules.{name}"))) for name, value in allowed],
        ),
        *(f"## {text(one.component)}\n\n{reasons(told, one)}" for one in told.choices),
    )


def reasons(told: Told, choice: Choice) -> str:
    """The reasons of one choice, for this page and its own."""
    lines = [("chosen", f"{text(what(choice))}, {usd(choice.monthly.typical)} USD/month")]
    if choice.design in DESIGNS:
        lines.append(("kept as", text(DESIGNS[choice.design])))
    if place_of(choice.place):
        lines.append(("asked for at", place_of(choice.place)))
    lines.append(("because", text(choice.because)))
    if choice.binds:
        lines.append(("what stops something cheaper", text(choice.binds)))
    if choice.next_best:
        other = choice.next_best
        zones = f" in {other.zones} zones" if other.zones > 1 else ""
        said = f"{other.count} × {other.offer}{zones}, {usd(other.monthly_usd)} USD/month: {other.why}"
        lines.append(("next best", text(said)))
    return table(("", ""), lines)
