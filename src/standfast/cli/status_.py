"""`standfast status SPEC`: declared, predicted, measured, verdict, and the evidence behind each."""

from __future__ import annotations

import argparse

from standfast.cli.environment import spec_arguments
from standfast.cli.terminal import Terminal

HELP = "show every promise: declared, predicted, measured, verdict, evidence"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.cli.tables import promise_json, show_promises
    from standfast.operate.status import current_plan, promise_rows
    from standfast.promise import EXIT_CODE, overall
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    system = read_spec(args.spec, args.environment)
    space = Workspace.of(system.name, args.out)
    plan = current_plan(system, space, terminal.say)
    table = promise_rows(plan, space.ledger)
    verdict = overall(table)
    if args.format == "json":
        terminal.json({"system": system.name, "verdict": verdict, "promises": [promise_json(row) for row in table]})
    else:
        show_promises(table, terminal)
    return EXIT_CODE[verdict]
