"""`standfast diff OLD NEW`: what a change of the spec does to the money, to what is bought and to the promises."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from standfast.cli.environment import environment_argument
from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from standfast.plan import Plan
    from standfast.plan.difference import Difference, Promised

HELP = "what changes between two specs or plans: money, what is bought, promises; exit 1 if one is newly broken"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", help="a spec, or a plan.json that build wrote")
    parser.add_argument("new", help="a spec, or a plan.json that build wrote")
    environment_argument(parser)
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.plan.difference import difference

    with terminal.progress("diff") as progress:
        plans = [_plan(path, args.environment, progress.step) for path in (args.old, args.new)]
    found = difference(*plans)
    if args.format == "json":
        terminal.json(as_json(found))
    else:
        show(found, terminal, markdown=args.format == "markdown")
    return 1 if found.newly_broken else 0


def _plan(path: str, environment: str, step) -> Plan:
    """A plan as it was stored, or the plan of a spec today."""
    from pathlib import Path

    from standfast.plan import make_plan, read_plan
    from standfast.spec import read_spec

    if path.endswith(".json"):
        return read_plan(Path(path))
    step(path)
    return make_plan(read_spec(path, environment))


def as_json(found: Difference) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "where": found.where,
        "monthly_usd": found.usd,
        "change_usd": round(found.usd[1] - found.usd[0], 2),
        "bought": [{**asdict(one), "change_usd": round(one.usd, 2)} for one in found.bought],
        "promises": [{**asdict(one), "newly_broken": one.newly_broken} for one in found.promised],
    }


def show(found: Difference, terminal: Terminal, markdown: bool) -> None:
    from standfast.cli.tables import show_grid

    before, after = found.usd
    title = f"{before:,.0f} -> {after:,.0f} USD/month ({after - before:+,.0f})"
    terminal.result(f"### {title}\n" if markdown else title)
    if found.where[0] != found.where[1]:
        terminal.result(f"{found.where[0]} -> {found.where[1]}")
    if not found.bought and not found.promised:
        terminal.result("nothing else changes")
    if found.bought:
        terminal.result("")
        rows = [("component", ["before", "after", "USD/month"])]
        rows += [(one.component, [one.before or "–", one.after or "–", f"{one.usd:+,.0f}"]) for one in found.bought]
        show_grid(rows, terminal, markdown=markdown)
    if found.promised:
        terminal.result("")
        rows = [("promise", ["declared", "predicted", "verdict"])]
        rows += [
            (one.measure, [_pair(one, "declared"), _pair(one, "predicted"), _verdicts(one)]) for one in found.promised
        ]
        show_grid(rows, terminal, markdown=markdown)


def _pair(one: Promised, field: str) -> str:
    from standfast.spec.quantity import show as quantity

    old, new = ("–" if value is None else quantity(value, one.unit) for value in getattr(one, field))
    return old if old == new else f"{old} -> {new}"


def _verdicts(one: Promised) -> str:
    old, new = (verdict or "–" for verdict in one.verdict)
    return new if old == new else f"{old} -> {new}"
