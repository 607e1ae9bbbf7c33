"""A file a verb was asked to write: never over one that is there, unless told so, and never half of it."""

from __future__ import annotations

import argparse
from pathlib import Path

from standfast.cli.terminal import Terminal
from standfast.files import write_atomically
from standfast.problem import Place, Problem, Problems, quoted


def output_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of the standard output")
    parser.add_argument("--force", action="store_true", help="replace FILE where it is there already")


def refuse_to_overwrite(args: argparse.Namespace) -> None:
    """Raises Problems where the output is there already, before any work is done."""
    if args.output and not args.force and Path(args.output).exists():
        fix = "name another file, or add --force to replace it"
        raise Problems([Problem(f"{quoted(args.output)} is there already", "", fix, Place(Path(args.output).name))])


def put(text: str, args: argparse.Namespace, terminal: Terminal) -> None:
    """The text as the result, or into the file that was named. Raises Problems."""
    if not args.output:
        terminal.result(text.rstrip("\n"))
        return
    refuse_to_overwrite(args)
    target = Path(args.output)
    try:
        write_atomically(target, text)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Problems(
            [Problem(f"could not write {quoted(target)}", why, "name a file in a folder you own")]
        ) from error
