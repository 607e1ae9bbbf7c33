"""`standfast import FILE…`: a spec from what already runs somewhere."""

from __future__ import annotations

import argparse

from standfast.cli.output import output_arguments, put, refuse_to_overwrite
from standfast.cli.terminal import Terminal

HELP = "turn the Docker Compose or Kubernetes files you have into a spec"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="several Compose files are laid over one another")
    output_arguments(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.spec.importers import import_files

    refuse_to_overwrite(args)
    imported = import_files(args.files)
    put(imported.text, args, terminal)
    terminal.problems(imported.remarks)
    if args.output:
        terminal.say(f"wrote {args.output}; read it through, then: standfast plan {args.output}")
    return 0
