"""`standfast apply SPEC`: build the system in a world, and check with a second plan."""

from __future__ import annotations

import argparse

from standfast.cli.environment import spec_arguments
from standfast.cli.terminal import Terminal

HELP = "build the system in the emulator: real Terraform, no account"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--world", default="emulator", help="where to build it (default: emulator)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.ledger import append
    from standfast.operate.apply import apply
    from standfast.operate.target import check_world
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    check_world(args.world)
    system = read_spec(args.spec, args.environment)
    space = Workspace.of(system.name, args.out)
    with terminal.progress("apply") as progress:
        done = apply(system, space, progress.step, terminal.say)
    append(
        space.ledger,
        what="apply",
        subject=done.system,
        verdict="kept" if done.settled else "broken",
        world=done.world,
        source="standfast apply",
        note=f"Terraform {done.terraform}: a second plan has {len(done.differs) or 'no'} changes",
        details={"created": len(done.created), "changed": len(done.changed), "resources": done.resources},
    )
    for note in done.notes:
        terminal.say(f"note: {note}")
    if args.format == "json":
        terminal.json(
            {
                "system": done.system,
                "world": done.world,
                "region": done.region,
                "created": list(done.created),
                "changed": list(done.changed),
                "removed": list(done.removed),
                "healed": [one.sentence for one in done.healed],
                "taken_away": list(done.taken),
                "notes": list(done.notes),
                "resources": done.resources,
                "second_plan_would_change": list(done.differs),
                "seconds": round(done.seconds, 1),
                "terraform": done.terraform,
            }
        )
        return 0 if done.settled else 1
    for one in done.healed:
        terminal.result(f"healed   {one.address}: {one.sentence}")
    for what in done.taken:
        terminal.result(f"removed  {what}")
    counts = f"{len(done.created)} created, {len(done.changed)} changed, {len(done.removed)} removed"
    terminal.result(f"{done.system}: {counts}; {done.resources} resources stand in the {done.world} ({done.region})")
    if done.settled:
        terminal.result(f"A second plan says: no changes. Terraform {done.terraform}, {done.seconds:.0f} s.")
        return 0
    terminal.result(f"A second plan would change again: {', '.join(done.differs)}")
    return 1
