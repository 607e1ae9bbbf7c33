"""The first page: what this is, where, what it promises, and where to look when something is wrong."""

from __future__ import annotations

from standfast.docs.privacy import needed
from standfast.docs.told import MADE, Told, place_of, usd
from standfast.markdown import code, link, listed, table, text
from standfast.markdown import page as paged
from standfast.plan.difference import what, where
from standfast.spec.quantity import show


def page(told: Told) -> str:
    system, plan = told.system, told.plan
    owner = f" {text(system.owner)} answers for it." if system.owner else ""
    money = plan.monthly
    return paged(
        f"# {text(system.name)}",
        MADE,
        "> **Something is wrong?** Begin at [the runbooks](runbooks/README.md).",
        f"{text(system.name)} ({text(system.environment)}) stands on {text(where(plan))}, for {usd(money.typical)} "
        f"USD/month ({usd(money.low)} to {usd(money.high)}). It is described by {code(system.place.file)}.{owner}",
        "## What it promises",
        promises(told),
        "The verdict is of the plan; what was measured since: " + code(f"standfast status {told.again}") + ".",
        "## What it is made of",
        table(
            ("part", "what", "USD/month"),
            [(told.page_of(one.component), text(what(one)), usd(one.monthly.typical)) for one in told.choices],
            right=[2],
        ),
        "## Pages",
        listed(
            f"{link(name, path)}: {means}"
            for name, path, means in (
                ("Architecture", "architecture.md", "the map, and who calls whom"),
                ("Runbooks", "runbooks/README.md", "what to do when a server, a zone, a region or the data is lost"),
                ("Decisions", "decisions.md", "why each part is what it is, and what was next best"),
                ("Cost", "cost.md", "every line of the bill, and what the promises cost"),
                ("Security", "security.md", "who may reach what, which data, which keys and secrets"),
                *([("Personal data", "privacy.md", "records, questions, and 72 hours")] if needed(told) else []),
            )
        ),
        assumed(told),
    )


def promises(told: Told) -> str:
    rows = []
    for one in told.promises:
        predicted = "–" if one.predicted is None else show(one.predicted, one.unit)
        rows.append(
            (code(one.measure), show(one.declared, one.unit), predicted, one.verdict, place_of(one.place) or "–")
        )
    return table(("promise", "declared", "predicted", "verdict", "spec"), rows, right=[1, 2])


def assumed(told: Told) -> str:
    rows = [(text(one.what), text(one.value), text(one.ground)) for one in told.plan.assumptions]
    if not rows:
        return ""
    said = "Numbers that nobody declared. The plan rests on them: declare what you know better."
    return paged("## Assumed", said, table(("what", "taken as", "because"), rows))
