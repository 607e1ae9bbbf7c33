"""Backups as a table and as JSON."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from standfast.cli.terminal import Terminal
from standfast.operate.backup.retention import Copy
from standfast.operate.backup.standing import Line, Listed

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
            why = ", ".join(one.why[store].get(copy.name, ())) or "nothing: prune removes it"
            age = show(max(round(time.time() - copy.at), 0), "s")
            table.add_row(store, copy.name, copy.kind, age, why, Text(copy.wrong, style="red"))
    console.print(table)
    show_lines(one.lines, console)


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
