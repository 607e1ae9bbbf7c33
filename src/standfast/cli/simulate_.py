"""`standfast simulate SPEC`: the planned system played through many months."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from standfast.cli.environment import spec_arguments
from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from standfast.plan.simulation import Simulation

HELP = "play the planned system through many months: the chance that each promise is kept"
MOST, LEAST = 1_000_000, 100
PATIENCE = 2.0  # seconds before progress is shown


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("--months", type=int, default=10_000, metavar="N", help="months to play (default: 10000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="same seed, same result (default: 1)")
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.operate.status import current_plan
    from standfast.plan.simulation.run import simulate
    from standfast.problem import Problem, Problems
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    if not LEAST <= args.months <= MOST:
        why = "fewer tell nothing, more take too long"
        raise Problems([Problem(f"--months {args.months} is not a number to play", why, f"{LEAST} to {MOST:,}")])
    if args.seed < 0:
        raise Problems([Problem(f"--seed {args.seed} is negative", fix="write 0 or more")])
    system = read_spec(args.spec, args.environment)
    plan = current_plan(system, Workspace.of(system.name, args.out), terminal.say)
    with terminal.progress("simulate") as progress:
        found = simulate(plan, args.months, args.seed, step=_seldom(progress.step))
    if args.format == "json":
        terminal.json(as_json(found))
    else:
        show(found, terminal)
    return 0


def _seldom(step: Callable[[str], None]) -> Callable[[str], None]:
    """The same, but silent for the first seconds and never more than once a second."""
    import time

    last = time.monotonic() + PATIENCE - 1

    def later(text: str) -> None:
        nonlocal last
        if (now := time.monotonic()) >= last + 1:
            last = now
            step(text)

    return later


def as_json(found: Simulation) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "system": found.system,
        "months": found.months,
        "seed": found.seed,
        "hours_per_month": 730,
        "promises": [
            {
                "measure": one.measure, "declared": one.declared, "unit": one.unit, "chance_in_a_month": one.month,
                "chance_between": one.between, "chance_per_disruption": one.event,
                "disruptions_per_month": one.events,
                "troubled_months_in_10_years": one.troubled, "note": one.note or None, "place": str(one.place),
            }
            for one in found.chances
        ],
        "distributions": [asdict(one) for one in found.spreads],
        "months_without_downtime": found.quiet,
        "causes": [
            {"what": one.what, "downtime_per_month": one.down, "outages_per_month": one.outages} for one in found.causes
        ],
        "agreement": [asdict(one) for one in found.agreements],
        "assumptions": [
            {"what": one.what, "value": one.value, "ground": one.ground, "place": str(one.place)}
            for one in found.assumptions
        ],
    }  # fmt: skip


def show(found: Simulation, terminal: Terminal) -> None:
    from rich.table import Table
    from rich.text import Text

    from standfast.cli.tables import NARROW
    from standfast.spec.quantity import show as told

    console = terminal.console()
    wide = console.width >= NARROW

    def table(*columns: str) -> Table:
        made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for at, column in enumerate(columns):
            made.add_column(column, justify="right" if at else "left", no_wrap=at > 0, overflow="fold")
        return made

    terminal.result(
        f"{found.system}: {found.months:,} months played ({found.months / 12:,.0f} years), seed {found.seed}\n"
    )
    bad = ("bad months in 10 years",) if wide else ()
    promises = table("promise", "declared", "kept in a month", "per disruption", *bad)
    left: dict[str, list[str]] = {}
    for one in found.chances:
        if one.month is None:
            left.setdefault(one.note, []).append(one.measure)
            continue
        happens = "" if one.event is None else _percent(one.event)
        between = f" ({100 * one.between[0]:.0f} to {100 * one.between[1]:.0f}%)" if one.between else ""
        name = one.measure if wide else one.measure.partition(".")[2]
        cells = [name, told(one.declared, one.unit), _percent(one.month) + between, happens, f"{one.troubled:.1f}"]
        promises.add_row(*map(Text, cells[: 4 + len(bad)]))
    console.print(promises)
    if any(one.between for one in found.chances):
        console.print(Text("in brackets: if repairs took half or twice as long as assumed", "dim"))
    for note, measures in left.items():
        console.print(Text(f"{', '.join(measures)}: {note}", "dim"))
    if found.quiet is not None:
        terminal.result(f"\n{_percent(found.quiet)} of months have no downtime of the infrastructure")
    spreads = table("", "mean", "p50", "p95", "p99")
    for one in found.spreads:
        cells = ("never" if x is None else told(x, one.unit) for x in (one.mean, one.p50, one.p95, one.p99))
        spreads.add_row(*map(Text, (one.what, *cells)))
    terminal.result("")
    console.print(spreads)
    if found.causes:
        terminal.result("")
        causes = table("what takes it down", "in a month, mean", "each time, mean", "times in 10 years")
        for one in found.causes:
            each = told(one.down / one.outages, "s")
            causes.add_row(*map(Text, (one.what, told(one.down, "s"), each, f"{120 * one.outages:.1f}")))
        console.print(causes)
    if found.agreements:
        terminal.result("\nin the long run, beside the closed form of the plan")
    for one in found.agreements:
        said = f"{one.simulated:.4%} ± {one.half_width:.4%}, closed form {one.closed_form:.4%}"
        terminal.result(f"  {one.what}: {said}")
    terminal.result(f"\n{len(found.assumptions)} assumptions")
    for one in found.assumptions:
        terminal.result(f"  {one.what.removeprefix('simulation: ')} = {one.value}  ({one.ground})")


def _percent(share: float) -> str:
    """Never rounded to certainty: 99.998 % is not 100 %."""
    if 0 < share < 1 and not 0.0005 <= share <= 0.9995:
        return "> 99.9%" if share > 0.5 else "< 0.1%"
    return f"{share:.1%}" if share not in (0.0, 1.0) else f"{share:.0%}"
