"""`standfast destroy SPEC`: take the system down, and leave nothing."""

from __future__ import annotations

import argparse

from standfast.cli.environment import spec_arguments
from standfast.cli.terminal import Terminal

HELP = "take down what apply built, and leave nothing"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--world", default="emulator", help="where it stands (default: emulator)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.operate.destroy import destroy
    from standfast.operate.target import check_world
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    check_world(args.world)
    system = read_spec(args.spec, args.environment)
    space = Workspace.of(system.name, args.out)
    with terminal.progress("destroy") as progress:
        gone = destroy(system, space, progress.step)
    if args.format == "json":
        terminal.json({"system": gone.system, "world": gone.world, "done": list(gone.done)})
    elif not gone.done:
        terminal.result(f"{gone.system}: nothing stands in the {gone.world}; nothing was done")
    else:
        for one in gone.done:
            terminal.result(one)
        terminal.result(f"{gone.system}: nothing is left in the {gone.world}")
    return 0
