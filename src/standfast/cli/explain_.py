"""`standfast explain SPEC [COMPONENT]`: why this, what binds, what would be next, and the numbers behind it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from standfast.cli.environment import spec_arguments
from standfast.cli.prices import price_arguments
from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from standfast.plan import Plan
    from standfast.plan.reasons.explanation import Explained

HELP = "why each part is what it is: the line that asked, what binds, the next best, its bill and its numbers"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("component", nargs="?", default="", help="only this component")
    parser.add_argument("--frontier", metavar="FILE.svg", help="draw what availability costs, and write the picture")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    price_arguments(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.cli.prices import catalogs
    from standfast.plan import make_plan
    from standfast.plan.reasons.explanation import explain
    from standfast.spec import read_spec

    system = read_spec(args.spec, args.environment)
    sold = catalogs(args, system)
    with terminal.progress("explain") as progress:
        plan = make_plan(system, sold, step=progress.step)
        found = explain(plan, sold[plan.cloud], args.component)
        if args.frontier:
            _draw(plan, sold, args.frontier, progress.step)
    if args.format == "json":
        terminal.json(as_json(plan, found))
    else:
        for one in found:
            _show(one, terminal)
        if args.frontier:
            terminal.say(f"wrote {args.frontier}")
    return 0


def as_json(plan: Plan, found: tuple[Explained, ...]) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "system": plan.system.name, "cloud": plan.cloud, "region": plan.region, "shape": plan.shape,
        "components": [{**asdict(one), "place": str(one.choice.place)} for one in found],
    }  # fmt: skip


def _draw(plan: Plan, sold, path: str, step) -> None:
    from pathlib import Path

    from standfast.files import write_atomically
    from standfast.plan.reasons.frontier import frontier
    from standfast.problem import Problem, Problems, quoted
    from standfast.report.curve import frontier_svg

    step("solving for a ladder of availabilities")
    picture = frontier_svg(plan.system.name, frontier(plan, sold))
    try:
        write_atomically(Path(path), picture)
    except (OSError, ValueError) as error:
        raise Problems([Problem(f"could not write {quoted(path)}", str(error), "name a file you may write")]) from error


def _show(one: Explained, terminal: Terminal) -> None:
    from rich.text import Text

    from standfast.plan.difference import what
    from standfast.spec.quantity import show

    console, choice = terminal.console(), one.choice
    lines = [Text(f"{choice.component}  ", "bold") + Text(f"{what(choice)}  {choice.monthly.typical:,.0f} USD/month")]
    design = "" if choice.design in ("regional", "") else f" ({choice.design})"
    lines.append(Text(f"  why        {choice.because}{design}"))
    if choice.binds:
        lines.append(Text(f"  binds      {choice.binds}"))
    if choice.next_best:
        other = choice.next_best
        lines.append(Text(f"  next best  {other.count} × {other.offer}, {other.why}"))
    for figure in one.figures:
        lines.append(Text(f"  {figure.name}: {show(figure.value, figure.unit)}", "") + Text(f"  {figure.how}", "dim"))
    for back in one.recovery:
        rto = "does not come back" if back.rto is None else f"back in {show(back.rto, 's')}"
        rpo = "everything lost" if back.rpo is None else f"loses {show(back.rpo, 's')}"
        lines.append(Text(f"  {back.disruption}{'' if back.disruption == 'corruption' else ' lost'}: {rto}, {rpo}"))
        for step in back.steps:
            said = f"{show(step.seconds, 's'):>9}  {step.name}" + ("  (assumed)" if step.assumed else "")
            lines.append(Text(f"    {said}", "dim"))
    for bought in choice.lines:
        if bought.monthly.typical >= 0.5:
            said = f"{bought.quantity:,.4g} {bought.unit} x {bought.unit_price:.4g} USD"
            mark = ", estimated" if bought.estimated else ""
            lines.append(
                Text(f"  {bought.monthly.typical:>8,.0f} USD  {bought.what}", "") + Text(f"  {said}{mark}", "dim")
            )
    for line in lines:
        console.print(line, soft_wrap=False)
    console.print()
