"""`standfast init`: a commented spec to begin with."""

from __future__ import annotations

import argparse

from standfast.cli.output import output_arguments, put
from standfast.cli.terminal import Terminal

HELP = "write a commented spec to begin with"


def arguments(parser: argparse.ArgumentParser) -> None:
    output_arguments(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from importlib.resources import files

    text = files("standfast.spec").joinpath("starter.yaml").read_text(encoding="utf-8")
    put(text, args, terminal)
    if args.output:
        terminal.say(f"wrote {args.output}; change it to yours, then: standfast plan {args.output}")
    return 0
