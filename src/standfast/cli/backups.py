"""Backups as tables and as JSON, and the words that are read for them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from standfast.cli.terminal import Terminal
from standfast.operate.backup.retention import Copy
from standfast.operate.backup.standing import Line, Listed
from standfast.plan.schedule import Schedule
from standfast.problem import Problem, Problems, quoted

COLOUR = {"kept": "green", "broken": "red", "unknown": "yellow"}


def listed_json(one: Listed) -> dict[str, Any]:
    return {
        "store": one.store,
        "copies": {
            store: [_copy(copy, one.why[store].get(copy.name, ())) for copy in copies]
            for store, copies in one.copies.items()
        },
        "lines": [vars(line) for line in one.lines],
    }  # fmt: skip


def _copy(copy: Copy, stays: Sequence[str]) -> dict[str, Any]:
    return {**vars(copy), "needs": list(copy.needs), "stays": list(stays)}


def show_copies(one: Listed, terminal: Terminal) -> None:
    from rich.table import Table
    from rich.text import Text

    from standfast.spec.quantity import show

    console = terminal.console()
    console.print(Text(one.store, style="bold"))
    table = Table("copy", "backup", "kind", "age", "stays because", "wrong", box=None, padding=(0, 2, 0, 0))
    for store, copies in one.copies.items():
        for copy in copies:
            why = _briefly(one.why[store].get(copy.name, ())) or "nothing: prune removes it"
            age = show(max(round(time.time() - copy.at), 0), "s")
            table.add_row(store, copy.name, copy.kind, age, why, Text(copy.wrong, style="red"))
    console.print(table)
    show_lines(one.lines, console)


def _briefly(why: Sequence[str]) -> str:
    """Reasons, where many backups need this one by one of them."""
    needs = [one for one in why if one.startswith("needed by ")]
    more = [f"{needs[0]} and {len(needs) - 1} more" if needs[1:] else needs[0]] if needs else []
    return ", ".join([*(one for one in why if one not in needs), *more])


def show_lines(lines: Iterable[Line], console: Any) -> None:
    """What is judged: also what `standfast status` shows of backups."""
    from rich.table import Table
    from rich.text import Text

    from standfast.spec.quantity import show

    judged = Table("", "is", "allowed", "verdict", "", box=None, padding=(0, 2, 0, 0))
    for line in lines:
        seconds = "–" if line.seconds is None else show(round(line.seconds), "s")
        allowed = "–" if line.allowed is None else show(line.allowed, "s")
        judged.add_row(line.what, seconds, allowed, Text(line.verdict, style=COLOUR[line.verdict]), line.note)
    console.print(judged)


def show_schedule(system: str, schedules: Sequence[Schedule], form: str, terminal: Terminal) -> None:
    """As text, JSON, systemd's units or cron's lines."""
    from standfast.operate.backup.units import cron, systemd
    from standfast.spec.quantity import show

    if form == "json":
        terminal.json([_schedule_json(one) for one in schedules])
    elif form != "text":
        terminal.result({"systemd": systemd, "cron": cron}[form](system, schedules).rstrip("\n"))
    else:
        for one in schedules:
            rpo = "nothing is promised: daily" if one.rpo is None else f"rpo {show(one.rpo, 's')} ({one.place.short})"
            terminal.result(f"{one.store}  {one.tool}; {rpo}")
            if one.log is not None:
                terminal.result(f"  the log is handed on at least every {show(one.log, 's')}")
            for timer in one.timers:
                terminal.result(f"  {timer.calendar:<22} {timer.command}")


def _schedule_json(one: Any) -> dict[str, Any]:
    timers = [
        {"name": t.name, "every": t.every, "calendar": t.calendar, "cron": t.cron, "command": t.command}
        for t in one.timers
    ]
    return {
        "store": one.store,
        "tool": one.tool,
        "rpo": one.rpo,
        "place": str(one.place),
        "log": one.log,
        "timers": timers,
    }


def reason(said: str) -> str:
    import re

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,79}", said):
        fix = 'write --reason "case 4711": letters, digits, space . _ / -, at most 80'
        raise Problems([Problem("a hold needs a reason", "whoever finds it later must know whom to ask", fix)])
    return said


def moment(said: str) -> str:
    """As PostgreSQL reads it, in UTC."""
    from datetime import UTC, datetime

    if not said:
        return ""
    try:
        at = datetime.fromisoformat(said.replace("Z", "+00:00"))
    except ValueError as error:
        raise Problems([Problem(f"--moment {quoted(said)} is not a time", fix="write 2026-01-31T03:00:00Z")]) from error
    if at.tzinfo is None:
        raise Problems(
            [Problem(f"--moment {quoted(said)} has no zone", "an hour off loses an hour", "end it with Z for UTC")]
        )
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")
