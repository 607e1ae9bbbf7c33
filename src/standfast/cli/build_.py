"""`standfast build SPEC`: from the spec to everything that is written: the plan, the code, the monitoring."""

from __future__ import annotations

import argparse

from standfast.cli.terminal import Terminal

HELP = "write the plan, the Terraform code and the monitoring rules"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", help="the spec file")
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.blueprint import make_blueprint
    from standfast.code import write_code
    from standfast.files import File, replace_files
    from standfast.plan import make_plan
    from standfast.plan.store import plan_to_json
    from standfast.spec import read_spec
    from standfast.watch import write_watch
    from standfast.workspace import Workspace

    system = read_spec(args.spec)
    space = Workspace.of(system.name, args.out)
    with terminal.progress("build") as progress:
        progress.step("planning")
        plan = make_plan(system)
        progress.step("writing code and monitoring")
        blueprint = make_blueprint(plan)
        code = space.terraform.relative_to(space.root).as_posix()
        watch = space.prometheus.relative_to(space.root).as_posix()
        files = [
            File(space.plan.name, plan_to_json(plan)),
            *(File(f"{code}/{file.path}", file.text) for file in write_code(blueprint)),
            *(File(f"{watch}/{file.path}", file.text) for file in write_watch(plan)),
        ]
        with space.locked("build"):
            done = replace_files(files, space.root)
    terminal.problems(plan.warnings)
    for path in done.edited:
        left = path in done.left
        terminal.say(
            f"{path} had been changed by hand: " + ("it is no longer generated, and left" if left else "written anew")
        )
    broken = [line for line in plan.promises if line.verdict == "broken"]
    if args.format == "json":
        terminal.json(
            {
                "system": system.name,
                "out": str(space.root),
                "cloud": plan.cloud,
                "region": plan.region,
                "resources": sum(not one.data for one in blueprint.resources),
                "written": list(done.written),
                "same": list(done.same),
                "removed": list(done.removed),
                "broken": [line.measure for line in broken],
            }
        )
    else:
        counts = f"{len(done.written)} written, {len(done.same)} as before, {len(done.removed)} removed"
        terminal.result(f"{system.name}: {counts}, in {space.root}")
        stand = sum(not one.data for one in blueprint.resources)
        terminal.result(f"  {code}  {stand} resources in {plan.cloud} {plan.region}; begin with {code}/README.md")
        terminal.result(f"  {watch}  monitoring of the promises")
    for line in broken:
        terminal.say(f"{line.place}  {line.measure} will be broken: {line.predicted:g} {line.unit}")
    return 1 if broken else 0
