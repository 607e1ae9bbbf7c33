"""`standfast build SPEC`: from the spec to everything that is written: the plan, the code, the monitoring."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from standfast.files import Replaced

HELP = "write the plan, the Terraform code and the monitoring rules"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", help="the spec file")
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.blueprint import make_blueprint
    from standfast.code import write_code
    from standfast.files import File, replace_files, write_files
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
        files, rules = write_code(blueprint), write_watch(plan)  # all of it, before anything is written
        with space.locked("build"):
            write_files([File(space.plan.name, plan_to_json(plan))], space.root)
            code = replace_files(files, space.terraform)
            watch = replace_files(rules, space.prometheus)
    terminal.problems(plan.warnings)
    for folder, done in ((space.terraform, code), (space.prometheus, watch)):
        for path in done.edited:
            what = "no longer generated, and left" if path in done.left else "written anew"
            terminal.say(f"{folder / path} had been changed by hand: {what}")
    broken = [line for line in plan.promises if line.verdict == "broken"]
    stand = sum(not one.data for one in blueprint.resources)
    if args.format == "json":
        terminal.json(
            {
                "system": system.name,
                "out": str(space.root),
                "plan": str(space.plan),
                "cloud": plan.cloud,
                "region": plan.region,
                "resources": stand,
                "code": _told(space.terraform, code),
                "watch": _told(space.prometheus, watch),
                "broken": [line.measure for line in broken],
            }
        )
    else:
        terminal.result(f"{system.name}: {plan.cloud} {plan.region}, {stand} resources")
        terminal.result(f"  {space.plan}")
        terminal.result(f"  {space.terraform}  {_counts(code)}; begin with README.md there")
        terminal.result(f"  {space.prometheus}  {_counts(watch)}")
    for line in broken:
        terminal.say(f"{line.place}  {line.measure} will be broken: {line.predicted:g} {line.unit}")
    return 1 if broken else 0


def _told(folder: Path, done: Replaced) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "written": list(done.written),
        "same": list(done.same),
        "removed": list(done.removed),
    }


def _counts(done: Replaced) -> str:
    removed = f", {len(done.removed)} removed" if done.removed else ""
    return f"{len(done.written)} written, {len(done.same)} as before{removed}"
