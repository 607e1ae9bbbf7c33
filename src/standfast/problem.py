"""Place and Problem: where something was said, and what is wrong with it.

A `Problem` is the only currency of failure at every border of Standfast. It says what is wrong, why, and
what to do about it, and points at the line of the user's file that asked for it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file the user wrote. Lines and columns count from 1; 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"

    @property
    def short(self) -> str:
        """File and line only, as tags and tables show it: `shop.yaml:14`."""
        return f"{self.file}:{self.line}" if self.line else self.file


NOWHERE = Place("")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, what, why, and what would put it right."""

    what: str
    why: str = ""
    fix: str = ""
    place: Place = NOWHERE
    warning: bool = False  # a warning is shown, but does not change the exit code

    def __str__(self) -> str:
        head = f"{self.place}  {self.what}" if self.place.file else self.what
        if self.warning:
            head = f"warning: {head}"
        lines = [head]
        if self.why:
            lines.append(f"  why  {self.why}")
        if self.fix:
            lines.append(f"  fix  {self.fix}")
        return "\n".join(lines)


class Problems(Exception):
    """Raised at a border, carrying every Problem that was found, in the order of their places."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(sorted(problems, key=lambda problem: problem.place))
        super().__init__("\n".join(map(str, self.problems)))


class CannotTell(Exception):
    """Raised where an answer was sought and not found in time: the verdict is unknown, exit code 2."""

    def __init__(self, problem: Problem):
        self.problem = problem
        super().__init__(str(problem))


MOST_KNOWN = 40  # words that are listed


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that offers the nearest known word, or lists what is known. Empty when nothing is known."""
    known = sorted(known)
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    more = f" and {len(known) - MOST_KNOWN} more" if len(known) > MOST_KNOWN else ""
    return f"known here: {', '.join(known[:MOST_KNOWN])}{more}" if known else ""


def quoted(text: object, limit: int = 60) -> str:
    """User text made safe to show in one line of a terminal: control characters escaped, length limited."""
    shown = str(text).encode("unicode_escape").decode("ascii") if not str(text).isprintable() else str(text)
    return f"'{shown[:limit]}…'" if len(shown) > limit else f"'{shown}'"
