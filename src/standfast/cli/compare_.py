"""`standfast compare SPEC`: the best plan of each cloud beside the best of all of them."""

from __future__ import annotations

import argparse

from standfast.cli.environment import spec_arguments
from standfast.cli.prices import price_arguments
from standfast.cli.terminal import Terminal

HELP = "the best plan of each cloud beside the best of all: requirements, cost, performance, features"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    price_arguments(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from dataclasses import asdict, replace

    from standfast.cli.prices import catalogs
    from standfast.clouds import clouds
    from standfast.plan import make_plan
    from standfast.plan.comparison import compare
    from standfast.problem import CannotTell, Problems
    from standfast.spec import read_spec

    system = read_spec(args.spec, args.environment)
    everywhere = replace(system, rules=replace(system.rules, clouds=clouds()))
    sold, found = catalogs(args, everywhere), {}
    with terminal.progress("compare") as progress:
        for name, some in [("all clouds", clouds()), *((cloud, (cloud,)) for cloud in clouds())]:
            progress.step(name)
            one = replace(system, rules=replace(system.rules, clouds=some))
            try:
                found[name] = make_plan(one, {cloud: sold[cloud] for cloud in some})
            except Problems as problems:
                found[name] = problems.problems
            except CannotTell as unknown:
                found[name] = [unknown.problem]
    columns = compare(found)
    if args.format == "json":
        terminal.json({"system": system.name, "candidates": [asdict(column) for column in columns]})
        return 0 if columns[0].usd is not None else 1
    rows = [
        (label, [getattr(column, field) or "the cheapest" for column in columns])
        for label, field in (
            ("", "name"), ("where", "where"), ("requirements", "requirements"), ("cost", "cost"),
            ("performance", "performance"), ("features", "features"), ("why not", "loses"),
        )
    ]  # fmt: skip
    from standfast.cli.tables import show_grid

    show_grid(rows, terminal, markdown=args.format == "markdown")
    return 0 if columns[0].usd is not None else 1
