"""Markdown that says what it is given and nothing else: whatever a name holds, it stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# What may begin something in Markdown or HTML.
_MEANING = re.compile(r"([\\`*_\[\]|~$])")
_FENCE = re.compile(r"`{3,}")


def text(value: object) -> str:
    """Text in a paragraph, a heading or a cell: one line, nothing in it is markup."""
    plain = "".join(one if one.isprintable() else " " for one in str(value))
    plain = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = _MEANING.sub(r"\\\1", plain)
    plain = re.sub(r"^(\s*)([#+-])", r"\1\\\2", plain)
    plain = re.sub(r"(\s)(#+\s*)$", r"\1\\\2", plain)  # what would end a heading
    return re.sub(r"^(\s*\d+)([.)])(?=\s|$)", r"\1\\\2", plain)  # what would begin a list


def code(value: object) -> str:
    """Text as code, inside a line or a cell. A bar would end the cell, so it stands as another letter's twin."""
    plain = "".join(one if one.isprintable() else " " for one in str(value)).replace("|", "\N{FULLWIDTH VERTICAL LINE}")
    longest = max((len(run) for run in re.findall("`+", plain)), default=0)
    ticks = "`" * (longest + 1)
    edge = " " if plain.startswith("`") or plain.endswith("`") or not plain.strip() else ""
    return f"{ticks}{edge}{plain}{edge}{ticks}"


def link(shown: object, path: str) -> str:
    """A link to a page of ours, whose path is of our own letters."""
    return f"[{text(shown)}]({path})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """A table of cells that are Markdown already; columns in `right` are numbers."""
    marks = [" ---: " if at in set(right) else " --- " for at in range(len(head))]
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(marks)}|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines)


def shell(lines: Iterable[str]) -> str:
    """A block of commands."""
    return "\n".join(["```sh", *(_FENCE.sub("``", line) for line in lines), "```"])


def listed(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def page(*parts: str) -> str:
    """Parts of a page with a blank line between them; empty ones are left out."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"
