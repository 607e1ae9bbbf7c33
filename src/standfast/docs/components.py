"""A page for each part: what it is, why, how it fares, how it comes back, what it costs, what it is called."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from standfast.docs.cost import lines
from standfast.docs.decisions import reasons
from standfast.docs.told import KINDS, MADE, Told, place_of, usd
from standfast.markdown import code, listed, table, text
from standfast.markdown import page as paged
from standfast.plan import Choice
from standfast.runbook.names import standing
from standfast.spec.model import Service
from standfast.spec.quantity import show

# Facts of a choice, in words; others are shown under their own names.
FACTS = {
    "vcpu": "vCPU each", "memory_gib": "memory each, GiB", "arch": "architecture", "min_count": "at least",
    "max_count": "at most", "needed": "needed at the peak", "port": "port", "disk_gib": "disk each, GiB",
    "storage_gib": "storage, GiB", "iops": "IOPS", "storage_type": "kind of storage",
    "retention_days": "backups kept, days", "engine_version": "version", "interval_hours": "between backups, hours",
    "versioned": "every version kept", "hit_rate": "share answered by it",
}  # fmt: skip


def pages(told: Told) -> Iterator[tuple[str, str]]:
    for choice in told.choices:
        yield choice.component, _page(told, choice)


def _page(told: Told, choice: Choice) -> str:
    explained = told.explained.get(choice.component)
    name, money = choice.component, choice.monthly
    return paged(
        f"# {text(name)}",
        MADE,
        _what(told, choice),
        _calls(told, name),
        "## Why this",
        reasons(told, choice),
        _facts(choice),
        _figures(explained.figures) if explained else "",
        _recovery(explained.recovery) if explained else "",
        "## What it costs",
        f"{usd(money.typical)} USD/month, {usd(money.low)} to {usd(money.high)}.",
        lines(choice) if choice.lines else "",
        _named(told, name),
        "[All parts](../README.md)",
    )


def _what(told: Told, choice: Choice) -> str:
    part = told.parts.get(choice.component)
    if part is None:
        return "A part of the plan's own: nobody wrote it into the spec, and the rest needs it."
    asked = f"It is asked for at {place_of(part.place)}." if place_of(part.place) else ""
    if not isinstance(part, Service):
        needed = "Requests fail without it." if part.name in told.system.essential else "Requests can do without it."
        return f"A store: {text(KINDS[part.kind])}. {needed} {asked}"
    public = "users reach it" if part.public else "only other services reach it"
    program = f" It runs {code(shlex.join(part.argv))} there." if part.argv else ""
    secrets = f" Its secrets: {', '.join(map(code, part.secrets))}." if part.secrets else ""
    return (
        f"A service: {code(part.image)} on port {part.port}, {public}; healthy while {code(part.health)} answers."
        f"{program}{secrets} {asked}"
    )


def _calls(told: Told, name: str) -> str:
    part = told.parts.get(name)
    if part is None:
        return ""
    called = [f"calls {told.page_of(call.to, '../')}" for call in part.calls] if isinstance(part, Service) else []
    by = [f"is called by {told.page_of(one, '../')}" for one in told.callers(name)]
    return listed(dict.fromkeys([*by, *called]))


def _facts(choice: Choice) -> str:
    rows = [(text(FACTS.get(key, key.replace("_", " "))), text(_fact(value))) for key, value in choice.size.items()]
    return paged("## Sizes", table(("fact", "is"), rows)) if rows else ""


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _figures(figures) -> str:
    rows = [
        (text(one.name), f"{one.value:.0f}%" if one.unit == "%" else show(one.value, one.unit), text(one.how))
        for one in figures
    ]
    return paged("## How it fares", table(("figure", "is", "how"), rows, right=[1])) if rows else ""


def _recovery(recovery) -> str:
    rows = []
    for one in recovery:
        back = "never" if one.rto is None else show(one.rto, "s")
        lost = "everything" if one.rpo is None else "nothing" if one.rpo == 0 else f"the last {show(one.rpo, 's')}"
        rows.append((f"[{one.disruption}](../runbooks/{one.disruption}.md)", back, lost))
    return paged("## When it is lost", table(("disruption", "back in", "loses"), rows, right=[1])) if rows else ""


def _named(told: Told, name: str) -> str:
    rows = [(code(one.address), code(one.name), text(one.why)) for one in standing(told, name)]
    if not rows:
        return ""
    return paged("## What it is called", table(("in Terraform", "in the cloud", "why"), rows))
