"""`standfast evidence people`: who must know what, and whether it is on record."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from standfast.cli.terminal import Terminal, plain

if TYPE_CHECKING:
    from standfast.spec import System
    from standfast.workspace import Workspace

SHOWN = {"kept": "until {}", "expired": "ran out {}", "missing": "not on record"}


def show_people(args: argparse.Namespace, system: System, space: Workspace, today: date, terminal: Terminal) -> int:
    """0 where everything is on record, else 2: that somebody does not know it is not shown either."""
    from standfast.audit.evidence.people import duties, last_tabletop, read_people
    from standfast.ledger import entries
    from standfast.operate.audits import known_framework
    from standfast.problem import Problem, Problems

    if len(args.rest) != 1:
        raise Problems([Problem("which people?", fix="standfast evidence people SPEC people.yaml")])
    frameworks = [*system.promises.security.frameworks, *([known_framework(args.framework)] if args.framework else [])]
    if not frameworks:
        fix = "name one: --framework gdpr, or promises.security.frameworks in the spec"
        raise Problems([Problem("no framework asks anybody to know anything", "the spec names none", fix)])
    people = read_people(Path(args.rest[0]))
    found = duties(people, frameworks, entries(space.ledger), today)
    lacking = [one for one in found if one.state != "kept"]
    if args.format == "json":
        terminal.json([{**asdict(one), "subject": one.subject} for one in found])
        return 2 if lacking else 0
    wide = max((len(one.subject) for one in found), default=0)
    for one in found:
        state = SHOWN[one.state].format(one.until)
        terminal.result(plain(f"{one.subject:<{wide}}  {state:<16}  {', '.join(one.because)}"))
    if (played := last_tabletop(people, entries(space.ledger), today)) is not None:
        there = f"; not there: {', '.join(played.absent)}" if played.absent else ""
        terminal.result(
            plain(f"tabletop  {played.day} {played.verdict}: {', '.join(played.present) or 'nobody named'}{there}")
        )
    if not found:
        terminal.say(f"{', '.join(frameworks)}: nothing that these people must know is listed here")
        return 2
    terminal.say(f"{len(found) - len(lacking)} of {len(found)} on record")
    if lacking:
        terminal.say(f"  fix  standfast evidence record {args.spec} training '{lacking[0].subject}'")
    return 2 if lacking else 0
