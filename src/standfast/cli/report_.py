"""`standfast report SPEC`: everything that is known of a system on one page that opens offline."""

from __future__ import annotations

import argparse

from standfast.cli.environment import spec_arguments
from standfast.cli.terminal import Terminal

HELP = "write report.html: promises, map, bill, what each promise costs, drills, audit"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.files import File, write_files
    from standfast.operate.status import current_plan
    from standfast.report import report_of
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    system = read_spec(args.spec, args.environment)
    space = Workspace.of(system.name, args.out)
    plan = current_plan(system, space, terminal.say)
    with terminal.progress("report") as progress:
        progress.step("solving for what each promise costs")
        page = report_of(plan, space)
    write_files([File(space.report.name, page)], space.root)
    terminal.result(str(space.report))
    return 0
