"""`standfast catalog refresh`: today's prices of a cloud into a catalog folder of the user's."""

from __future__ import annotations

import argparse

from standfast.cli.terminal import Terminal

SHOWN = 10  # notes, unless asked for json


def refresh(args: argparse.Namespace, terminal: Terminal) -> int:
    from datetime import UTC, datetime
    from pathlib import Path

    from standfast.clouds import refresh as room

    folder = Path(args.out) if args.out else room.default_folder()
    today = datetime.now(UTC).date().isoformat()
    with terminal.progress(f"refresh {args.cloud}") as progress:
        done = room.refresh(args.cloud, folder, region=args.region, today=today, step=progress.step)
    facts = done.catalog.facts()
    if args.format == "json":
        terminal.json({
            "cloud": args.cloud, "folder": str(folder), "taken": done.taken, "notes": list(done.notes),
            "prices": dict(facts),
        })  # fmt: skip
        return 0
    for note in done.notes[:SHOWN]:
        terminal.say(note)
    if len(done.notes) > SHOWN:
        terminal.say(f"and {len(done.notes) - SHOWN} more (all of them: --format json)")
    regions = len(done.taken)
    where = next(iter(done.taken)) if regions == 1 else f"{regions} regions"
    terminal.result(f"{sum(done.taken.values()):,} prices of {where} read; the catalog is in {folder}")
    terminal.say(f"Prices of {facts['oldest']} to {facts['newest']}. Next: standfast plan SPEC --catalog {folder}")
    return 0
