"""`standfast plan SPEC`: what to buy, what it costs, and whether it keeps the promises."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from standfast.cli.environment import spec_arguments
from standfast.cli.prices import price_arguments
from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from standfast.plan import Plan
    from standfast.promise import Promise

HELP = "choose what to buy over all allowed regions, with every reason; predict every promise"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--margins", action="store_true", help="also solve for what each promise costs")
    parser.add_argument("--out", metavar="DIR", help="also write the plan to DIR/plan.json, for diff and build")
    price_arguments(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.cli.prices import catalogs
    from standfast.operate.status import predicted_by_audit
    from standfast.plan import make_plan, plan_to_json
    from standfast.promise import EXIT_CODE, overall, promise_table
    from standfast.spec import read_spec

    system = read_spec(args.spec, args.environment)
    with terminal.progress("plan") as progress:
        plan = make_plan(system, catalogs(args, system), margins=args.margins, step=progress.step)
    if args.out:
        from standfast.files import File, add_files
        from standfast.workspace import Workspace

        add_files([File("plan.json", plan_to_json(plan))], Workspace.of(system.name, args.out).root)
    table = promise_table(plan.promises, predicted_by_audit(plan))
    if args.format == "json":
        terminal.json(as_json(plan, table))
    else:
        show(plan, table, terminal)
    return EXIT_CODE[overall(table)]


def as_json(plan: Plan, table: tuple[Promise, ...]) -> dict[str, Any]:
    """The plan as the contract for scripts has it."""
    from dataclasses import asdict

    from standfast.cli.tables import promise_json

    def alternative(choice) -> dict[str, Any] | None:
        return asdict(choice.next_best) if choice.next_best else None

    return {
        "system": plan.system.name,
        "cloud": plan.cloud,
        "region": plan.region,
        "zones": list(plan.zones),
        "shape": plan.shape,
        "standby": {key: getattr(plan.standby, key) for key in ("cloud", "region", "design")} if plan.standby else None,
        "gap": plan.facts.get("gap", 0.0),
        "monthly_usd": asdict(plan.monthly),
        "promises": [promise_json(row) for row in table],
        "choices": [
            {
                "component": one.component, "kind": one.kind, "offer": one.offer, "count": one.count,
                "zones": one.zones, "design": one.design, "monthly_usd": asdict(one.monthly),
                "because": one.because, "binds": one.binds, "next_best": alternative(one), "place": str(one.place),
            }
            for one in plan.choices
        ],
        "margins": [asdict(one) for one in plan.margins],
        "assumptions": [
            {"what": one.what, "value": one.value, "ground": one.ground, "place": str(one.place)}
            for one in plan.assumptions
        ],
        "prices": asdict(plan.prices),
    }  # fmt: skip


def show(plan: Plan, table: tuple[Promise, ...], terminal: Terminal) -> None:
    from standfast.cli.tables import show_choices, show_promises, signed
    from standfast.plan.difference import where

    money = plan.monthly
    terminal.result(
        f"{plan.system.name}: {where(plan)}, {money.typical:,.0f} USD/month ({money.low:,.0f} to {money.high:,.0f})\n"
    )
    show_promises(table, terminal)
    terminal.result("")
    show_choices(plan.choices, terminal)
    if plan.margins:
        terminal.result("\nwhat each promise costs")
        for one in plan.margins:
            terminal.result(f"  {one.measure}  {one.change}: {one.note or signed(one.monthly_usd)}")
    terminal.result(f"\n{len(plan.assumptions)} assumptions (all of them: --format json)")
    for one in plan.assumptions[:SHOWN]:
        place = f"  {one.place.short}" if one.place.line else ""
        terminal.result(f"  {one.what} = {one.value}{place}")
    if len(plan.assumptions) > SHOWN:
        terminal.result(f"  and {len(plan.assumptions) - SHOWN} more")
    terminal.result(f"prices of {plan.prices.oldest} to {plan.prices.newest}")


SHOWN = 8
