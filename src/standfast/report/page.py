"""From plan, promise table, drills and findings to the values that the page's template shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from standfast.docs.map import BY_VARIABLES, architecture_map, svg
from standfast.plan import Choice, Plan
from standfast.promise import PROMISES, Promise, overall
from standfast.report.timeline import Span, timeline_picture
from standfast.spec.quantity import show


@dataclass(frozen=True)
class DrillShown:
    """One drill for the page: `spans` are (from, to, label, kind) in seconds since its start."""

    name: str
    title: str
    when: str
    world: str
    verdict: str
    lines: tuple[str, ...]  # one per promise it measured
    spans: tuple[Span, ...]
    notes: tuple[str, ...] = ()
    drawn: str = ""  # the drill's own picture, an SVG in base64; "" for a drill that has none


@dataclass(frozen=True)
class FindingShown:
    """One audit finding that is not kept."""

    verdict: str
    check: str
    what: str
    fix: str
    place: str


def render(plan: Plan, table: Sequence[Promise], drills: Sequence[DrillShown], findings: Sequence[FindingShown]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("standfast.report", "."), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["usd"] = lambda value: f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.2f}"
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["shown"] = lambda value, unit: "–" if value is None else show(value, unit)
    return environment.get_template("page.html.j2").render(
        plan=plan,
        groups=_groups(table),
        verdict=overall(table),
        counts={verdict: sum(row.verdict == verdict for row in table) for verdict in ("kept", "broken", "unknown")},
        map=svg(architecture_map(plan), f"Architecture of {plan.system.name}", BY_VARIABLES, alone=False),
        bill=_bill(plan),
        margins=plan.margins,
        drills=[(drill, timeline_picture(drill.spans)) for drill in drills],
        findings=findings,
    )


def _groups(table: Sequence[Promise]) -> list[tuple[str, list[Promise]]]:
    """The rows by promise, in the order of the five."""
    return [(name, rows) for name in PROMISES if (rows := [row for row in table if row.promise == name])]


def _bill(plan: Plan) -> list[dict[str, Any]]:
    """One line per choice, dearest first, with the width of its bar in percent of the dearest."""
    choices = sorted(plan.choices, key=lambda choice: (-choice.monthly.typical, choice.component))
    most = max((choice.monthly.typical for choice in choices), default=0.0) or 1.0
    return [
        {"choice": choice, "width": 100 * choice.monthly.typical / most, "what": what_is_bought(choice)}
        for choice in choices
    ]


def what_is_bought(choice: Choice) -> str:
    """`6 × m7g.xlarge over 3 zones`."""
    count = f"{choice.count} × " if choice.count > 1 else ""
    zones = f" over {choice.zones} zones" if choice.zones > 1 else ""
    return f"{count}{choice.offer}{zones}"
