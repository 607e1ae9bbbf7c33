"""`standfast drill lose_primary SPEC --cases`: commits wait for the standby or not, with and without a lag, as a table.

Only a lag makes lost rows visible: without one, the standby has everything a moment later, whoever waits for it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from standfast.cli.terminal import Terminal
from standfast.problem import Problem, Problems

if TYPE_CHECKING:
    from standfast.drill import Outcome

LAG = "1"  # seconds, where --lag says nothing else


def cases(args: argparse.Namespace, terminal: Terminal, run: Callable[[argparse.Namespace, Terminal], Outcome]) -> int:
    """The four cases; those of the plan last, so that they are the newest evidence, and the exit code is theirs."""
    from standfast.drill import as_json, synchronous
    from standfast.promise import EXIT_CODE
    from standfast.spec import read_spec

    if args.name != "lose_primary":
        raise Problems([Problem("--cases is for lose_primary", "no other drill has these four", "leave it out")])
    if args.sync is not None:
        raise Problems([Problem("--cases runs both, with --sync and with --async", fix="leave one of them out")])
    planned = synchronous(read_spec(args.rest[0], args.environment)) if args.rest else True
    lag = args.lag if args.lag != "0" else LAG
    done: list[tuple[bool, str, Outcome]] = []
    for waits in (not planned, planned):
        for held in (lag, "0"):
            one = argparse.Namespace(**{**vars(args), "sync": waits, "lag": held})
            done.append((waits, held, run(one, terminal)))
            terminal.problems(done[-1][2].problems)
    if args.format == "json":
        terminal.json([{"synchronous": waits, "lag": held, **as_json(outcome)} for waits, held, outcome in done])
    else:
        _show(done, planned, terminal)
    return max(EXIT_CODE[outcome.verdict] for waits, _, outcome in done if waits is planned)


def _show(done: list[tuple[bool, str, Outcome]], planned: bool, terminal: Terminal) -> None:
    from rich.table import Table

    from standfast.spec.quantity import show

    table = Table("commits", "lag", "RTO", "RPO", "lost", "verdict", "history", box=None, padding=(0, 2, 0, 0))
    for waits, held, outcome in done:
        found = {
            one.measure.split(".")[1]: one for one in outcome.judgement.measured if one.measure.endswith("instance")
        }
        told = [
            "never" if one.failed else "–" if one.value is None else show(one.value, "s")
            for one in (found.get("rto"), found.get("rpo")) if one is not None
        ] or ["–", "–"]  # fmt: skip
        lost = found["rpo"].note.partition(" acknowledged")[0] if "rpo" in found else "–"
        named = f"{'wait for the standby' if waits else 'do not wait'}{' (planned)' if waits is planned else ''}"
        table.add_row(named, f"{held} s", *told, lost, outcome.verdict, outcome.folder.name)
    terminal.console().print(table)
    terminal.result("Only a lag makes lost rows visible; where commits wait, clients wait as long as it lasts.")
