"""`standfast drift SPEC`: what was changed behind your back, and which promise that breaks."""

from __future__ import annotations

import argparse
from typing import Any

from standfast.cli.environment import spec_arguments
from standfast.cli.terminal import Terminal

HELP = "name what was changed behind your back, and the promise it breaks"


def arguments(parser: argparse.ArgumentParser) -> None:
    spec_arguments(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--world", default="emulator", help="where it stands (default: emulator)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.ledger import append
    from standfast.operate.drift import drift
    from standfast.operate.target import check_world
    from standfast.promise import EXIT_CODE
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    check_world(args.world)
    system = read_spec(args.spec, args.environment)
    space = Workspace.of(system.name, args.out)
    with terminal.progress("drift") as progress:
        found = drift(system, space, progress.step)
    if found.known:
        changes = {"changes": [one.sentence for one in found.changes]}
        append(
            space.ledger, what="drift", subject=found.system, verdict=found.verdict, world=found.world,
            source="standfast drift", details=changes,
        )  # fmt: skip
    if args.format == "json":
        terminal.json(
            {
                "system": found.system,
                "world": found.world,
                "verdict": found.verdict,
                "why": found.why,
                "changes": [_as_json(one) for one in found.changes],
            }
        )
    elif not found.known:
        terminal.result(f"{found.system}: could not tell what has changed: {found.why}")
        terminal.say(f"  fix  standfast apply {args.spec}")
    elif not found.changes:
        terminal.result(f"{found.system}: nothing was changed behind your back in the {found.world}")
    else:
        _show(found, args.spec, terminal)
    return EXIT_CODE[found.verdict]


def _as_json(change: Any) -> dict[str, Any]:
    broken = change.breaks
    return {
        "address": change.address,
        "component": change.component,
        "place": str(change.place),
        "attribute": change.attribute,
        "before": change.before,
        "after": change.after,
        "sentence": change.sentence,
        "breaks": broken
        and {
            "promise": broken.promise,
            "measure": broken.measure,
            "declared": broken.declared,
            "unit": broken.unit,
            "place": str(broken.place),
        },
    }


def _show(found: Any, spec: str, terminal: Terminal) -> None:
    for change in found.changes:
        what = f".{change.attribute}" if change.attribute else ""
        terminal.result(f"{change.place.short or '-'}  {change.sentence}")
        terminal.result(f"  at      {change.address}{what}")
        if change.attribute and len(change.before) + len(change.after) < 80:
            terminal.result(f"  was     {change.before}, is {change.after}")
        if change.breaks:
            broken = change.breaks
            promised = f"{broken.declared:g} {broken.unit}"
            terminal.result(f"  breaks  {broken.measure} ({promised}), promised at {broken.place.short}")
        else:
            terminal.result("  breaks  no promise that is known to depend on it")
    many, broken = len(found.changes), len(found.broken)
    changes = f"{many} change{'s' if many > 1 else ''} behind your back"
    terminal.result(f"{changes}, {broken} promise{'' if broken == 1 else 's'} broken.")
    terminal.result(f"  fix  standfast apply {spec}")
