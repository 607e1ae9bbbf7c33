"""The promise table and the choices, for a terminal of any width and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from standfast.cli.terminal import Terminal
from standfast.plan import Choice
from standfast.promise import Promise
from standfast.spec.quantity import show

STYLE = {"kept": "green", "broken": "bold red", "unknown": "yellow"}
NARROW = 100  # columns below which tables leave out where and why


def promise_json(row: Promise) -> dict[str, Any]:
    """One row as the contract for scripts has it."""
    return {
        "promise": row.promise,
        "measure": row.measure,
        "declared": row.declared,
        "predicted": row.predicted,
        "measured": row.measured.value if row.measured else None,
        "scale": row.measured.scale if row.measured else None,
        "unit": row.unit,
        "verdict": row.verdict,
        "place": str(row.place),
        "evidence": row.measured.evidence if row.measured else None,
        "note": (row.measured.note if row.measured and row.measured.note else row.note) or None,
    }


def show_promises(table: Sequence[Promise], terminal: Terminal) -> None:
    """The promise table on stdout, the evidence of what was measured below it; colour only on a terminal."""
    from rich.table import Table
    from rich.text import Text

    console = terminal.console()
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    shown.add_column("promise", no_wrap=True)
    for column in ("declared", "predicted", "measured"):
        shown.add_column(column, justify="right", no_wrap=True)
    shown.add_column("verdict", no_wrap=True)
    if console.width >= NARROW:
        shown.add_column("spec", no_wrap=True)
    for row in table:
        predicted = "–" if row.predicted is None else show(row.predicted, row.unit)
        name = row.measure if console.width >= NARROW else row.measure.partition(".")[2]
        cells = [name, show(row.declared, row.unit), predicted, _measured(row)]
        place = [Text(row.place.short)] if console.width >= NARROW else []
        shown.add_row(*map(Text, cells), Text(row.verdict, STYLE[row.verdict]), *place)
    console.print(shown)
    for row in table:
        said = _evidence(row)
        if said:
            console.print(Text(f"  {row.measure.partition('.')[2]}: {said}", "dim"))
    counts = ", ".join(f"{sum(row.verdict == verdict for row in table)} {verdict}" for verdict in STYLE)
    console.print(Text(f"\n{counts}"))


def _measured(row: Promise) -> str:
    one = row.measured
    if one is None:
        return "–"
    shown = "never" if one.failed else "?" if one.value is None else show(one.value, row.unit)
    return shown if one.full else f"({shown})"  # seen at a part of the declared load: judges nothing


def _evidence(row: Promise) -> str:
    """What a measurement rests on; for a row that is not kept, why."""
    if row.measured is not None:
        note = f": {row.measured.note}" if row.measured.note else ""
        return f"{row.measured.world} {row.measured.when[:10]}, {row.measured.evidence}{note}"
    return row.note if row.verdict != "kept" else ""


def show_grid(rows: Sequence[tuple[str, Sequence[str]]], terminal: Terminal, markdown: bool = False) -> None:
    """A table whose first row and first column are headings, for a terminal of any width or as Markdown."""
    if markdown:
        lines = ["| " + " | ".join(_cell(cell) for cell in (label, *cells)) + " |" for label, cells in rows]
        terminal.result("\n".join([lines[0], "|" + "---|" * (len(rows[0][1]) + 1), *lines[1:]]))
        return
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    shown.add_column(rows[0][0], no_wrap=True)
    for cell in rows[0][1]:
        shown.add_column(Text(cell), overflow="fold")
    for label, cells in rows[1:]:
        shown.add_row(*map(Text, (label, *cells)))
    terminal.console().print(shown)


def _cell(text: str) -> str:
    """Text that stays one cell of a Markdown table, whatever names it holds."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ").replace("`", "\\`")


def signed(usd: float | None) -> str:
    """`+12 USD/month`; never minus nothing."""
    return "no plan can keep it" if usd is None else f"{round(usd) + 0:+,d} USD/month"


def show_choices(choices: Sequence[Choice], terminal: Terminal) -> None:
    """What would be bought, dearest first, with the reason where there is room for it."""
    from rich.table import Table
    from rich.text import Text

    console = terminal.console()
    wide = console.width >= NARROW
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    shown.add_column("component", no_wrap=True)
    shown.add_column("what", overflow="fold")
    shown.add_column("USD/month", justify="right", no_wrap=True)
    if wide:
        shown.add_column("why", overflow="fold")
    for choice in sorted(choices, key=lambda one: (-one.monthly.typical, one.component)):
        count = f"{choice.count} × " if choice.count > 1 else ""
        zones = f", {choice.zones} zones" if choice.zones > 1 else ""
        why = choice.because + (f"; binds: {choice.binds}" if choice.binds else "")
        if choice.next_best:
            why += f"; next best: {choice.next_best.count} × {choice.next_best.offer}, {choice.next_best.why}"
        cells = [Text(choice.component), Text(f"{count}{choice.offer}{zones}"), Text(f"{choice.monthly.typical:,.0f}")]
        shown.add_row(*cells, *([Text(why)] if wide else []))
    console.print(shown)
