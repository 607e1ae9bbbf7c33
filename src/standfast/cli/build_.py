"""`standfast build SPEC`: from the spec to everything that is written: the plan, the code, the monitoring."""

from __future__ import annotations

import argparse

from standfast.cli.environment import spec_arguments
from standfast.cli.prices import price_arguments
from standfast.cli.terminal import Terminal

HELP = "write the plan, the code in every language, the monitoring, the documents"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument(
        "--languages", metavar="A,B", default="", help="only these (default: all that are for such a plan)"
    )
    parser.add_argument(
        "--margins", action="store_true", help="also solve for what each promise costs, for docs/cost.md"
    )
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    price_arguments(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.cli.prices import catalogs
    from standfast.code import check_languages, languages_for
    from standfast.files import replace_files
    from standfast.operate.target import built_of, edited_by_hand
    from standfast.plan import make_plan
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    system = read_spec(args.spec, args.environment)
    space = Workspace.of(system.name, args.out)
    wanted = tuple(word.strip() for word in args.languages.split(",") if word.strip())
    check_languages(wanted)  # before any work is done
    with terminal.progress("build") as progress:
        progress.step("planning")
        sold = catalogs(args, system)
        plan = make_plan(system, sold, margins=args.margins)
        progress.step("writing code, monitoring and documents")
        built = built_of(plan, space, languages_for(plan, wanted), sold.get(plan.cloud))
        with space.locked("build"):
            done = replace_files(built.files, space.root)
    terminal.problems(plan.warnings)
    terminal.problems(built.problems)
    for line in edited_by_hand(done):
        terminal.say(line)
    broken = [line for line in plan.promises if line.verdict == "broken"]
    stand = [sum(not one.data for one in blueprint.resources) for blueprint in built.blueprints]
    if args.format == "json":
        terminal.json(
            {
                "system": system.name,
                "out": str(space.root),
                "cloud": plan.cloud,
                "region": plan.region,
                "resources": sum(stand),
                "languages": list(built.languages),
                "problems": [str(one) for one in built.problems],
                "written": list(done.written),
                "same": list(done.same),
                "removed": list(done.removed),
                "broken": [line.measure for line in broken],
            }
        )
    else:
        removed = f", {len(done.removed)} removed" if done.removed else ""
        terminal.result(f"{system.name}: {len(done.written)} files written, {len(done.same)} as before{removed}")
        terminal.result(f"  {space.plan}")
        for blueprint, count in zip(built.blueprints, stand, strict=True):
            site = f"{blueprint.site}: " if blueprint.site else ""
            terminal.result(f"  {site}{count} resources in {blueprint.cloud} {blueprint.region}")
        for language in built.languages:
            terminal.result(f"  {space.code / language}  begin with its README.md")
        terminal.result(f"  {space.watch}  monitoring of the promises")
        terminal.result(f"  {space.docs}  architecture, decisions, cost, security, runbooks")
    for line in broken:
        terminal.say(f"{line.place}  {line.measure} will be broken: {line.predicted:g} {line.unit}")
    return 1 if broken or any(not one.warning for one in built.problems) else 0
