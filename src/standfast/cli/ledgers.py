"""`standfast audit verify` and `compare`: is the evidence untouched, and what changed between two days."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from standfast.cli.terminal import Terminal, plain

if TYPE_CHECKING:
    from standfast.workspace import Workspace


def ledger_of(args: argparse.Namespace) -> Workspace:
    from standfast.plan import read_plan
    from standfast.problem import Problem, Problems
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    words = args.subject in ("verify", "compare")
    subject = (args.rest[0] if args.rest else "") if words else args.subject
    if not subject and args.out:
        return Workspace(Path(args.out))
    if not subject:
        raise Problems([Problem("which ledger?", fix=f"standfast audit {args.subject} SPEC")])
    if Path(subject).is_dir():
        space = Workspace(Path(subject))
        return Workspace(space.root, read_plan(space.plan).system.name) if space.holds_plan else space
    return Workspace.of(read_spec(subject, args.environment).name, args.out)


def show_verified(space: Workspace, args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.ledger import newest, verify

    found = verify(space.ledger, args.seen or "")
    number, head = (0, "") if found else newest(space.ledger)
    if args.format == "json":
        record = found.place.line if found else None
        told = {"ledger": str(space.ledger), "sound": found is None, "records": number, "newest": head}
        terminal.json({**told, "first_altered": record, "problem": str(found or "")})
    elif found is None and number:
        terminal.result(f"{space.ledger}: {number} record{'' if number == 1 else 's'}, unaltered")
        terminal.result(f"newest {head}")
        terminal.say("keep this hash elsewhere; later: standfast audit verify --seen HASH")
    elif found is None:
        terminal.result(f"{space.ledger}: no records yet")
    if found is not None:
        terminal.problems([found])
    return 1 if found else 0


def show_compared(space: Workspace, args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.audit.evidence import compared
    from standfast.ledger import entries
    from standfast.problem import Problem, Problems, quoted

    days, today = [], datetime.now(UTC).date()
    for word in args.rest[1:]:
        try:
            days.append(date.fromisoformat(word))
        except ValueError as wrong:
            raise Problems([Problem(f"{quoted(word)} is no day", fix="write it as 2027-03-31")]) from wrong
    if not 1 <= len(days) <= 2:
        raise Problems([Problem("which days?", fix="standfast audit compare SPEC 2027-01-01 2027-03-31")])
    first, then = days[0], days[1] if len(days) == 2 else today
    if first > then:
        raise Problems([Problem(f"{first} is after {then}", fix="name the earlier day first")])
    changes = compared(entries(space.ledger), first, then)
    if args.format == "json":
        told = [{"kind": one.kind, "what": one.what, "then": one.then, "now": one.now} for one in changes]
        terminal.json({"from": first.isoformat(), "to": then.isoformat(), "changes": told})
    else:
        for one in changes:
            terminal.result(plain(f"{one.kind:<6}  {one.what}: {one.then or 'nothing'} -> {one.now or 'nothing'}"))
        terminal.say(
            f"{len(changes)} change{'' if len(changes) == 1 else 's'} between the ends of {first} and {then} (UTC)"
        )
    return 1 if any(one.kind == "worse" for one in changes) else 0
