"""`standfast lab load SPEC`: how the lab answers under load, beside what the plan's model says of it."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from standfast.cli.terminal import Progress, Terminal
from standfast.problem import Problem, Problems

if TYPE_CHECKING:
    from standfast.operate.load import Loaded, Wanted
    from standfast.spec import System
    from standfast.workspace import Workspace
    from standfast.worlds.lab.system.world import SystemLab


def load_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rps", metavar="N", help="load: requests per second (default: the declared peak if it can)")
    parser.add_argument("--share", metavar="PERCENT", help="load: a share of what this machine can do, such as 50%%")
    parser.add_argument("--seconds", metavar="N", default="30", help="load: for how long (default: 30)")
    parser.add_argument("--judge", metavar="DIR", help="load: judge the record of an earlier load; nothing is driven")


def wanted_load(args: argparse.Namespace) -> Wanted:
    """Raises Problems for what cannot be driven."""
    from standfast.operate.load import Wanted, check_wanted

    rps = None if args.rps is None else _number(args.rps.removesuffix("rps").strip(), "--rps", "90")
    share = None
    if args.share is not None:
        share = _number(args.share.removesuffix("%"), "--share", "50%") / (100 if args.share.endswith("%") else 1)
    wanted = Wanted(rps, share, _number(args.seconds.removesuffix("s").strip(), "--seconds", "30"))
    check_wanted(wanted)
    return wanted


def _number(text: str, option: str, example: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise Problems([Problem(f"{option} is not a number", fix=f"use for example {option} {example}")])
    return value


def drive(lab: SystemLab, system: System, space: Workspace, args: argparse.Namespace, terminal: Terminal) -> int:
    """Drive, keep the evidence, show. The exit code follows the verdict."""
    from standfast.operate.load import keep_load, run_load

    with terminal.progress("lab load") as progress:
        loaded = run_load(lab, system, space.root, wanted_load(args), _told(progress))
    keep_load(loaded, space.ledger)
    return told_and_judged(loaded, args, terminal)


def judge(system: System, args: argparse.Namespace, terminal: Terminal) -> int:
    """An earlier load by the spec of today; nothing is kept."""
    from pathlib import Path

    from standfast.operate.load import judge_load

    return told_and_judged(judge_load(Path(args.judge), system), args, terminal)


def told_and_judged(loaded: Loaded, args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.operate.load import load_json
    from standfast.promise import EXIT_CODE

    if args.format == "json":
        terminal.json(load_json(loaded))
    else:
        _show(loaded, terminal)
    return EXIT_CODE[loaded.verdict]


def _told(progress: Progress):
    def told(what: str, one: Mapping[str, Any]) -> None:
        if what == "predicted":
            progress.step(f"predicted for the lab at {one['rps']:,.4g} rps: p95 {_ms(one['p95'])}")
        else:
            p95 = "" if one["p95"] is None else f", p95 {one['p95'] * 1e3:,.0f} ms"
            failed = f", {one['failed']} failed" if one["failed"] else ""
            progress.step(f"{what}: {one['at']:.0f} s, {one['answered']} answered{failed}{p95}")

    return told


def _ms(seconds: float) -> str:
    return "–" if math.isnan(seconds) else "never" if math.isinf(seconds) else f"{seconds * 1e3:,.0f} ms"


def _show(one: Loaded, terminal: Terminal) -> None:
    from rich.table import Table
    from rich.text import Text

    from standfast.spec.quantity import show

    console, declared = terminal.console(), one.system.promises.performance.percentiles
    heading = f"{one.rps:,.4g} rps for {one.summary.seconds:,.0f} s"
    heading += f", {one.rps / one.capacity:.0%} of what the lab on {one.cores} cores can do" if one.capacity else ""
    console.print(Text(heading, style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("", "declared", "predicted for the lab", "measured", "off"):
        table.add_column(name, justify="right" if name else "left")
    for name, value in one.summary.percentiles.items():
        said = one.predicted[name]
        off = f"{said / value - 1:+.0%}" if math.isfinite(said) and value > 0 else "–"
        table.add_row(name, show(declared[name], "s") if name in declared else "–", _ms(said), _ms(value), off)
    console.print(table)
    found = one.summary
    terminal.result(
        f"answered {found.throughput:,.1f} rps of {found.offered:,.1f}, {found.errors:.2%} errors; "
        f"the lab used {one.busy:.2f} of {one.cores} cores; "
        f"the generator was at most {found.late * 1e3:,.0f} ms late (p99)"
    )
    for reason, count in found.reasons.items():
        terminal.result(f"error {count} × {reason}")
    for note in one.notes:
        terminal.result(f"note  {note}")
    if one.scale < 1:
        text = f"unknown  {one.scale:.2%} of the declared peak of {one.peak:,.0f} rps was driven: measured, not judged"
    else:
        text = one.verdict
    console.print(
        Text(f"{text}  {one.folder}", style={"kept": "green", "broken": "red"}.get(one.verdict, "yellow")),
        soft_wrap=True,
    )
