"""The bill: by part, line by line, and what each promise costs."""

from __future__ import annotations

from standfast.docs.told import MADE, Told, money, usd
from standfast.markdown import code, table, text
from standfast.markdown import page as paged
from standfast.plan import Choice, PriceOfPromise
from standfast.plan.difference import what
from standfast.spec.quantity import show


def page(told: Told) -> str:
    plan = told.plan
    everything = plan.monthly
    rows = [(told.page_of(one.component), text(what(one)), *money(one.monthly)) for one in told.choices]
    rows.append(("**all**", "", *(f"**{cell}**" for cell in money(everything))))
    budget = next((one for one in plan.promises if one.measure == "cost.budget"), None)
    kept = (
        f"The budget is {show(budget.declared, budget.unit)} ({code(budget.place.short)}): {budget.verdict}."
        if budget
        else "No budget is promised."
    )
    estimated = sum(line.estimated for one in plan.choices for line in one.lines)
    return paged(
        f"# {text(told.system.name)}: cost",
        MADE,
        f"{kept} USD a month. *Low* and *high* differ from *typical* by how much is used and by how well a price is "
        f"known. Prices are of {text(plan.prices.oldest)} to {text(plan.prices.newest)}, before taxes; "
        f"{estimated or 'none'} of them {'is' if estimated == 1 else 'are'} estimated from another region's.",
        table(("part", "what", "low", "typical", "high"), rows, right=[2, 3, 4]),
        "## What each promise costs",
        _margins(told, plan.margins),
        "## Line by line",
        *(f"### {text(one.component)}\n\n{lines(one)}" for one in told.choices if one.lines),
    )


def lines(choice: Choice) -> str:
    """The lines of the bill of one choice, for this page and its own."""
    rows = [
        (
            text(one.what) + (" (estimated)" if one.estimated else ""),
            text(f"{one.quantity:,.6g} {one.unit}"), f"{one.unit_price:,.6g}", *money(one.monthly),
            text(f"{one.source}, {one.date}"),
        )
        for one in choice.lines
    ]  # fmt: skip
    return table(("what", "how much", "USD each", "low", "typical", "high", "price from"), rows, right=range(1, 6))


def _margins(told: Told, margins: tuple[PriceOfPromise, ...]) -> str:
    if not margins:
        return "Solved for by " + code(f"standfast build {told.again} --margins") + ", which writes it here."
    rows = [(code(one.measure), text(one.change), _difference(one), text(one.note)) for one in margins]
    return paged(
        "The same spec with one promise a notch looser or tighter, planned again.",
        table(("promise", "if it were", "USD/month", ""), rows, right=[2]),
    )


def _difference(one: PriceOfPromise) -> str:
    if one.monthly_usd is None:
        return "unknown" if one.note else "nothing keeps it"
    return (
        "the same"
        if abs(one.monthly_usd) < 0.5
        else f"{'+' if one.monthly_usd > 0 else '−'}{usd(abs(one.monthly_usd))}"
    )
