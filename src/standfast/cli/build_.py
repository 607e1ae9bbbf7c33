"""`standfast build SPEC`: from the spec to everything that is written: the plan, the code, the monitoring."""

from __future__ import annotations

import argparse

from standfast.cli.prices import price_arguments
from standfast.cli.terminal import Terminal

HELP = "write the plan, the Terraform code and the monitoring rules"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", help="the spec file")
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    price_arguments(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.blueprint import make_blueprint
    from standfast.cli.prices import catalogs
    from standfast.files import replace_files
    from standfast.operate.target import built_files
    from standfast.plan import make_plan
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    system = read_spec(args.spec)
    space = Workspace.of(system.name, args.out)
    with terminal.progress("build") as progress:
        progress.step("planning")
        plan = make_plan(system, catalogs(args, system))
        progress.step("writing code and monitoring")
        blueprint = make_blueprint(plan)
        files = built_files(space, plan, blueprint)
        with space.locked("build"):
            done = replace_files(files, space.root)
    terminal.problems(plan.warnings)
    for path in done.edited:
        what = "no longer generated, and left" if path in done.left else "written anew"
        terminal.say(f"{path} had been changed by hand: {what}")
    broken = [line for line in plan.promises if line.verdict == "broken"]
    stand = sum(not one.data for one in blueprint.resources)
    if args.format == "json":
        terminal.json(
            {
                "system": system.name,
                "out": str(space.root),
                "cloud": plan.cloud,
                "region": plan.region,
                "resources": stand,
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
        terminal.result(
            f"  {space.terraform}  {stand} resources in {plan.cloud} {plan.region}; begin with its README.md"
        )
        terminal.result(f"  {space.prometheus}  monitoring of the promises")
    for line in broken:
        terminal.say(f"{line.place}  {line.measure} will be broken: {line.predicted:g} {line.unit}")
    return 1 if broken else 0
