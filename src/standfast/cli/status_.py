"""`standfast status SPEC`: declared, predicted, measured, verdict, and the evidence behind each."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from standfast.cli.environment import spec_arguments
from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from standfast.plan import Plan
    from standfast.promise import Measured

HELP = "show every promise: declared, predicted, measured, verdict, evidence"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--format", choices=("text", "json", "prometheus"), default="text")
    parser.add_argument(
        "--from", dest="source", nargs=2, metavar=("prometheus", "URL"), help="measure promises by what a server tells"
    )
    parser.add_argument("--openslo", metavar="FILE", help="hold a team's OpenSLO v1 documents against the spec")
    parser.add_argument("--days", type=_days, default=30.0, help="how far back that server is asked (default: 30)")


def _days(text: str) -> float:
    days = float(text)
    if not 1 / 24 <= days <= 400:
        raise argparse.ArgumentTypeError("between an hour and 400 days")
    return days


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.cli.tables import promise_json, show_promises
    from standfast.operate.status import backup_ages, current_plan, promise_rows
    from standfast.promise import EXIT_CODE, overall
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    system = read_spec(args.spec, args.environment)
    space = Workspace.of(system.name, args.out)
    plan = current_plan(system, space, terminal.say)
    if args.openslo:
        _hold(plan, args.openslo)
    table = promise_rows(plan, space.ledger, _measured(plan, args))
    verdict = overall(table)
    backups = backup_ages(system, space.ledger)
    if args.format == "json":
        terminal.json(
            {
                "system": system.name,
                "verdict": verdict,
                "promises": [promise_json(row) for row in table],
                **({"backups": [vars(line) for line in backups]} if backups else {}),
            }
        )
    elif args.format == "prometheus":
        from standfast.operate.textfile import as_metrics

        terminal.result(as_metrics(system.name, table, space.ledger).rstrip("\n"))
    else:
        show_promises(table, terminal)
        if backups:
            from standfast.cli.backups import show_lines

            show_lines(backups, terminal.console())
    return EXIT_CODE[verdict]


def _measured(plan: Plan, args: argparse.Namespace) -> tuple[Measured, ...]:
    """What the server that the user named tells, and nothing where none was named."""
    if args.source is None:
        return ()
    from standfast.operate.prometheus import measured_by
    from standfast.problem import Problem, Problems, did_you_mean, quoted

    kind, url = args.source
    if kind != "prometheus":
        what = f"{quoted(kind)} is nothing that promises are measured from"
        raise Problems([Problem(what, did_you_mean(kind, ["prometheus"]), "write --from prometheus URL")])
    return measured_by(plan, url, args.days)


def _hold(plan: Plan, file: str) -> None:
    """Raises Problems where the documents promise more than the spec, or other things."""
    from pathlib import Path

    from standfast.problem import Problems
    from standfast.watch.openslo import differences, read_openslo
    from standfast.watch.signals import signals_of

    found = differences(signals_of(plan), read_openslo(Path(file)))
    if any(not one.warning for one in found):
        raise Problems(found)
