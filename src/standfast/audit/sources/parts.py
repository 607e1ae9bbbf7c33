"""A large JSON document by its parts: the members of its long lists come one by one, so it is never held whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

CHUNK = 1 << 20  # characters that are read at once
LONGEST = 4096  # characters of a word or number: what ends in the middle of one may go on
INTO = {(): "values", ("values",): "root_module"}  # where the lists of a state are, as `terraform show -json` has them
Keys = tuple[str, ...]
Part = tuple[Keys, Any]


class Cut(Exception):
    """It is no JSON from here on: `line` and `column` count from 1."""

    def __init__(self, what: str, line: int, column: int):
        self.what, self.line, self.column = what, line, column
        super().__init__(what)


class Reading:
    """The text of a file, a chunk at a time, and where in it we are."""

    def __init__(self, file: TextIO):
        self.file, self.text, self.at, self.lines, self.size = file, "", 0, 0, CHUNK
        self.before = 0  # characters of the line that stand in what is forgotten
        self.decode = json.JSONDecoder().raw_decode

    def more(self) -> bool:
        """Forget what was read and read on; a part that is longer than a chunk gets ever longer ones."""
        fresh = self.file.read(self.size)
        if not fresh:
            return False
        gone = self.text[: self.at]
        self.lines += gone.count("\n")
        self.before = len(gone) - gone.rfind("\n") - 1 + (0 if "\n" in gone else self.before)
        self.size = CHUNK if self.at else 2 * self.size
        self.text, self.at = self.text[self.at :] + fresh, 0
        return True

    def cut(self, what: str, at: int) -> Cut:
        start = self.text.rfind("\n", 0, at) + 1
        column = at - start + 1 + (0 if start else self.before)
        return Cut(what, self.lines + self.text.count("\n", 0, at) + 1, column)

    def peek(self) -> str:
        """The next character that means something; "" at the end."""
        while True:
            while self.at < len(self.text):
                if not self.text[self.at].isspace():
                    return self.text[self.at]
                self.at += 1
            if not self.more():
                return ""

    def take(self, wanted: str) -> str:
        found = self.peek()
        if not found or found not in wanted:
            raise self.cut(
                "it ends in the middle" if not found else f"here stands no {' and no '.join(wanted)}", self.at
            )
        self.at += 1
        return found

    def value(self) -> Any:
        """The whole value that begins here."""
        self.peek()
        while True:
            try:
                found, end = self.decode(self.text, self.at)
            except json.JSONDecodeError as caught:
                near = caught.pos > len(self.text) - LONGEST or caught.msg.startswith("Unterminated")
                if near and self.more():
                    continue
                ends = caught.pos >= len(self.text) - 1 or caught.msg.startswith("Unterminated")
                what = "it ends in the middle" if ends else caught.msg.partition(":")[0].lower()
                raise self.cut(what, min(caught.pos, len(self.text))) from caught
            if end > len(self.text) - 4 and isinstance(found, (int, float)) and self.more():  # it may go on: 1, 1.5e-7
                continue
            self.at = end
            return found


def parts(file: TextIO) -> Iterator[Part]:
    """Each member of the document by its keys; each member of `resources` by itself. Raises Cut."""
    text = Reading(file)
    yield from _members(text, ())
    if text.peek():
        raise text.cut("it goes on after its end", text.at)


def _members(text: Reading, path: Keys) -> Iterator[Part]:
    text.take("{")
    if text.peek() == "}":
        text.take("}")
        return
    while True:
        key = text.value()
        text.take(":")
        here, begins = (*path, str(key)), text.peek()
        inside = not path or path[0] == "values"
        if begins == "{" and INTO.get(path) == key:
            yield from _members(text, here)
        elif begins == "[" and inside and key in ("resources", "child_modules"):
            yield from _each(text, here)
        else:
            yield here, text.value()
        if text.take(",}") == "}":
            return


def _each(text: Reading, path: Keys) -> Iterator[Part]:
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    while True:
        if path[-1] == "child_modules" and text.peek() == "{":
            yield from _members(text, path)
        else:
            yield path, text.value()
        if text.take(",]") == "]":
            return
