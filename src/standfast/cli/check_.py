"""`standfast check SPEC`: is the spec sound, and what will be assumed."""

from __future__ import annotations

import argparse

from standfast.cli.environment import spec_arguments
from standfast.cli.terminal import Terminal

HELP = "read a spec and say what is wrong with it, and what is assumed"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.spec import read_spec

    system = read_spec(args.spec, args.environment)
    if args.format == "json":
        assumptions = [
            {"what": one.what, "value": one.value, "ground": one.ground, "place": str(one.place)}
            for one in system.assumptions
        ]
        terminal.json({"system": system.name, "problems": [], "assumptions": assumptions})
        return 0
    for one in system.assumptions:
        ground = f"  ({one.ground})" if one.ground else ""
        terminal.result(f"assumed  {one.what} = {one.value}{ground}")
    terminal.result(f"{args.spec}: {len(system.services)} services, {len(system.stores)} stores, no problems")
    return 0
