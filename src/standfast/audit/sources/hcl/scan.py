"""Text into tokens. Templates are tokens of their own that hold the tokens of each expression inside them.

A token is (kind, value, offset). Kinds: name, number, text (a template: its parts), op (its own sign), newline, end.
The parts of a template are texts, and ("${" | "%{", tokens, trims left, trims right).
"""

from __future__ import annotations

import re
from typing import Any

Token = tuple[str, Any, int]
DEEPEST = 60  # templates inside templates

_TOKEN = re.compile(
    r"""(?:[ \t\r]++|~(?=\})|//[^\n]*|\#[^\n]*|/\*(?>.*?\*/))*+
    (?:(?P<name>[^\W\d][\w-]*)
      |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      |(?P<quote>")
      |(?P<heredoc><<-?[^\W\d][\w-]*[ \t\r]*\n)
      |(?P<op>\.\.\.|&&|\|\||==|!=|<=|>=|=>|::|/(?!\*)|[-+*%<>!?:=.,(){}\[\]])
      |(?P<newline>\n)
      |(?P<end>\Z))""",
    re.X | re.S,
)
_IN_QUOTES = re.compile(r'[^"\\$%\n]+|\$\$\{|%%\{|\$\{~?|%\{~?|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\[nrt"\\]|[$%"]')
_IN_HEREDOC = re.compile(r"[^$%\n]*\n|[^$%\n]+|\$\$\{|%%\{|\$\{~?|%\{~?|[$%]")
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\", "$${": "${", "%%{": "%{"}


class Broken(Exception):
    """The text is not HCL: what is wrong, and the offset."""

    def __init__(self, what: str, at: int):
        self.what, self.at = what, at
        super().__init__(what)


def tokens(text: str, start: int = 0, closing: bool = False, depth: int = 0) -> tuple[list[Token], int]:
    """All tokens, or with `closing` those up to the brace that ends an expression in a template; and where it ends."""
    found: list[Token] = []
    add, match, at, braces = found.append, _TOKEN.match, start, 0
    if depth > DEEPEST:
        raise Broken("templates are nested too deep", start)
    while True:
        seen = match(text, at)
        if seen is None:
            raise Broken(*_odd(text, at))
        kind = seen.lastgroup or ""
        begin, at = seen.start(kind), seen.end()
        if kind == "op":
            sign = seen[kind]
            if closing and sign == "}" and not braces:
                add(("end", "", begin))
                return found, at
            braces += (sign == "{") - (sign == "}")
            add((sign, sign, begin))
        elif kind == "quote":
            parts, at = _quoted(text, at, depth)
            add(("text", parts, begin))
        elif kind == "heredoc":
            parts, at = _heredoc(text, seen[kind], at, depth)
            add(("text", parts, begin))
        elif kind == "end":
            if closing:
                raise Broken("an expression in a template is not closed", start)
            add(("end", "", begin))
            return found, at
        else:
            add((kind, seen[kind], begin))


def template_tokens(text: str, start: int = 0, end: int | None = None, depth: int = 0) -> list[Any]:
    """The parts of a template that no quotes enclose: a heredoc, a file."""
    parts: list[Any] = []
    at, end = start, len(text) if end is None else end
    while at < end:
        seen = _IN_HEREDOC.match(text, at, end)
        if seen is None:  # cannot be: the last alternatives take what is left
            raise Broken("this is no template", at)
        at = _part(text, seen, parts, depth)
    return _trimmed(_lines(parts))


def _quoted(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    parts: list[Any] = []
    start = at - 1
    while True:
        seen = _IN_QUOTES.match(text, at)
        if seen is None:
            if at >= len(text) or text[at] == "\n":
                raise Broken("a text is not closed on its line", start)
            raise Broken("an escape that the language does not have", at)
        if seen[0] == '"':
            return _trimmed(_lines(parts, by_line=False)), seen.end()
        at = _part(text, seen, parts, depth)


def _part(text: str, seen: re.Match[str], parts: list[Any], depth: int) -> int:
    """Add what was seen to the parts; returns where to go on."""
    word = seen[0]
    if word[:2] in ("${", "%{"):
        inside, at = tokens(text, seen.end(), closing=True, depth=depth + 1)
        parts.append((word[:2], inside, word.endswith("~"), text[at - 2] == "~"))
        return at
    if word[0] == "\\" and word[1] in "uU":
        number = int(word[2:], 16)
        word = chr(number) if number < 0x110000 else "\ufffd"
    parts.append(_ESCAPES.get(word, word))
    return seen.end()


def _lines(parts: list[Any], by_line: bool = True) -> list[Any]:
    """Texts that follow one another as one, or as one per line: `~` reaches as far as one of them."""
    found: list[Any] = []
    for part in parts:
        before = found[-1] if found else None
        if isinstance(part, str) and isinstance(before, str) and not (by_line and before.endswith("\n")):
            found[-1] = before + part
        else:
            found.append(part)
    return found


def _trimmed(parts: list[Any]) -> list[Any]:
    """Without the spaces beside an expression that has `~` on that side."""
    found = list(parts)
    for number, part in enumerate(parts):
        if isinstance(part, str):
            continue
        if part[2] and number and isinstance(found[number - 1], str):
            found[number - 1] = found[number - 1].rstrip()
        if part[3] and number + 1 < len(found) and isinstance(found[number + 1], str):
            found[number + 1] = found[number + 1].lstrip()
    return [part for part in found if part != ""]


def _heredoc(text: str, opening: str, at: int, depth: int) -> tuple[list[Any], int]:
    """The parts of a heredoc, its indentation taken away where `<<-` asks for it."""
    name = opening.strip().lstrip("<").removeprefix("-")
    last = re.compile(rf"^[ \t]*{re.escape(name)}[ \t\r]*$", re.M).search(text, at)
    if last is None:
        raise Broken(f"a text that {name} should end does not end", at - len(opening))
    parts = template_tokens(text, at, last.start(), depth)
    if opening.startswith("<<-"):
        parts = _outdented(parts)
    return parts, last.end()


def _outdented(parts: list[Any]) -> list[Any]:
    """Without the spaces that all lines begin with. A line may begin in one part only: after a line end, or first."""
    least, fresh = None, True
    lines: list[list[Any]] = []  # of each part, its lines, or the part itself
    for part in parts:
        if not isinstance(part, str):
            least, fresh = (0 if fresh else least), False
            lines.append([part])
            continue
        pieces = part.splitlines(keepends=True)
        for piece in pieces:
            if fresh and piece.strip():
                indent = len(piece) - len(piece.lstrip(" \t"))
                least = indent if least is None else min(least, indent)
            elif fresh and not piece.endswith("\n"):  # spaces before an expression
                least = len(piece) if least is None else min(least, len(piece))
            fresh = piece.endswith("\n")
        lines.append(pieces)
    result: list[Any] = []
    fresh = True
    for pieces in lines:
        if pieces and not isinstance(pieces[0], str):
            result.append(pieces[0])
            fresh = False
            continue
        said = ""
        for piece in pieces:
            said += piece[min(least or 0, len(piece) - len(piece.lstrip(" \t"))) :] if fresh else piece
            fresh = piece.endswith("\n")
        result.append(said)
    return result


def _odd(text: str, at: int) -> tuple[str, int]:
    begin = re.compile(r"(?:[ \t\r]++|//[^\n]*|#[^\n]*|/\*(?>.*?\*/))*+", re.S).match(text, at)
    at = begin.end() if begin else at
    if text.startswith("/*", at):
        return "a comment is not closed", at
    if text.startswith("<<", at):
        return "a heredoc has no name", at
    return "a character that stands for nothing here", at
