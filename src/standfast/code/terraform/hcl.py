"""Plain data as HCL text, laid out as `terraform fmt` would leave it.

Every string is escaped, whatever it holds. fmt aligns the `=` of neighbouring lines that each hold a whole
attribute; a line that opens a bracket, a blank line or a comment ends such a run. The layout here follows from
that one rule, so that no formatter has to run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from standfast.blueprint.model import Base64, Block, Join, Json, Ref, Var

LONG = 4  # lines: a shorter text stays on one line
WIDTH = 110  # a list longer than this is broken into lines
STEP = "  "
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WORDS = {"for", "if", "in", "null", "true", "false"}  # of the language: as keys they need quotes
_ODD = re.compile(r"[^ !#-\[\]-~]")  # all but what stands for itself
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True)
class Name:
    """Words of the language itself: a type, a provider, `local.tags`. Never made of what a user wrote."""

    words: str


@dataclass(frozen=True)
class Names:
    """A list of words on a paragraph of its own, whatever its length."""

    names: tuple[Name, ...]


def quoted(text: str) -> str:
    """A string literal that means exactly `text`: nothing in it is a template, an escape or an end of line."""
    return f'"{_literal(text)}"'


def expression(value: Any, depth: int = 0) -> str:
    """A value as an expression. Lines after the first are indented for a first line at `depth`."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, (Ref, Var)):
        return _reference(value)
    if isinstance(value, Name):
        return value.words
    if isinstance(value, Join):
        return _join(value)
    if isinstance(value, Base64):
        return _base64(value, depth)
    if isinstance(value, Json):
        return f"jsonencode({expression(value.document, depth)})"
    if isinstance(value, Mapping):
        return _object(value, depth)
    if isinstance(value, (list, tuple)):
        return _list(value, depth)
    raise TypeError(f"HCL has no word for {type(value).__name__}")


def body(settings: Mapping[str, Any], depth: int = 1) -> list[str]:
    """The lines of a block: one-line attributes aligned, then the longer ones and the nested blocks.

    None leaves an attribute out. A list of Blocks repeats the block.
    """
    short, rest = [], []
    for key, value in settings.items():
        nested = value if isinstance(value, (list, tuple)) else [value]
        if nested and all(isinstance(one, Block) for one in nested):
            rest += [block(key, one.settings, depth) for one in nested]
        elif value is not None:
            apart = isinstance(value, Names)
            text = expression(value.names, depth) if apart else _value(value, depth)
            if apart or "\n" in text:
                rest.append(_aligned([(key, text)], depth))
            else:
                short.append((key, text))
    parts = [_aligned(short, depth), *rest] if short else rest
    return [line for number, part in enumerate(parts) for line in ([""] * bool(number) + part)]


def block(header: str, settings: Mapping[str, Any], depth: int = 0) -> list[str]:
    """A block with its header (`resource "aws_vpc" "main"`) and body."""
    lines = body(settings, depth + 1)
    if not lines:
        return [f"{STEP * depth}{header} {{}}"]
    return [f"{STEP * depth}{header} {{", *lines, f"{STEP * depth}}}"]


def _aligned(pairs: Iterable[tuple[str, str]], depth: int) -> list[str]:
    """Lines `key = text`; runs of one-line texts have their `=` in one column, and so have here documents in them."""
    pairs, lines, run = list(pairs), [], []
    for key, text in [*pairs, ("", "\n")]:
        if "\n" not in text or text.startswith("<<-"):
            run.append((key, text))
            continue
        wide = max((len(one) for one, _ in run), default=0)
        lines += [line for one, short in run for line in f"{STEP * depth}{one:<{wide}} = {short}".split("\n")]
        run = []
        if key:
            lines += f"{STEP * depth}{key} = {text}".split("\n")
    return lines


def _object(value: Mapping[str, Any], depth: int) -> str:
    pairs = [(_key(key), _value(one, depth + 1)) for key, one in value.items()]
    if not pairs:
        return "{}"
    if len(pairs) == 1 and _plain(next(iter(value.values()))):
        line = f"{{ {pairs[0][0]} = {pairs[0][1]} }}"
        if len(line) < WIDTH - 40 and "\n" not in line:
            return line
    return "\n".join(["{", *_aligned(pairs, depth + 1), f"{STEP * depth}}}"])


def _list(value: Iterable[Any], depth: int) -> str:
    items = [expression(one, depth + 1) for one in value]
    line = f"[{', '.join(items)}]"
    if "\n" not in line and all(map(_plain, value)) and len(line) + len(STEP) * depth < WIDTH - 20:
        return line
    inner = STEP * (depth + 1)
    return "\n".join(["[", *(f"{inner}{item}," for item in items), f"{STEP * depth}]"])


def _plain(value: Any) -> bool:
    return not isinstance(value, (Mapping, list, tuple, Json, Base64))


def _key(key: str) -> str:
    return key if _IDENTIFIER.fullmatch(key) and key not in _WORDS else quoted(key)


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"HCL has no number {value}")
    return str(int(value)) if value == int(value) else repr(value)


def _reference(value: Ref | Var) -> str:
    if isinstance(value, Var):
        return f"var.{value.name}" if value.index is None else f"var.{value.name}[{value.index}]"
    text = f"{value.address}.{value.attribute}"
    return f"one({text}).{value.inside}" if value.inside else text


def _join(value: Join) -> str:
    if len(value.parts) == 1 and isinstance(value.parts[0], (Ref, Var)):
        return _reference(value.parts[0])  # fmt would unwrap "${x}" as well
    return f'"{_template(value.parts, _literal)}"'


def _template(parts: Iterable[Any], literal: Any) -> str:
    """The inside of a template. A `$` or `%` just before `${` would escape it: such a one is interpolated too."""
    text = ""
    for whole, run in groupby(parts, lambda part: isinstance(part, str)):
        if whole:
            text += literal("".join(run))
            continue
        text = _interpolated(text, run)
    return text


def _interpolated(text: str, references: Iterable[Any]) -> str:
    for part in references:
        if text.endswith(("$", "%")):
            text = f'{text[:-1]}${{"{text[-1]}"}}'
        text += f"${{{_reference(part)}}}"
    return text


def _literal(text: str) -> str:
    """Text inside quotes: escapes, and no template begins. Escaped as `$\\u007b`, not `$${`, every reader of HCL
    takes it, whether its braces are closed or not."""
    return _ODD.sub(_escape, text).replace("${", "$\\u007b").replace("%{", "%\\u007b")


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ESCAPES or character.isprintable():
        return _ESCAPES.get(character, character)
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _heredoc(text: str) -> str:
    """Text in a here document: nothing is an escape there, and no template begins."""
    return text.replace("${", "$${").replace("%{", "%%{")


def _value(value: Any, depth: int) -> str:
    """An expression that ends its line: a script may stand there as it is."""
    several = "\n" in value if isinstance(value, str) else isinstance(value, Join)
    if several and (lines := _document(value, depth)) and len(lines) > LONG:
        return "\n".join(lines)
    return expression(value, depth)


def _base64(value: Base64, depth: int) -> str:
    lines = _document(value.text, depth)
    if not lines:
        return f"base64encode({expression(value.text, depth)})"
    return "\n".join([f"base64encode({lines[0]}", *lines[1:], f"{STEP * depth})"])


def _document(text: str | Join, depth: int) -> list[str]:
    """The text as the lines of a here document; none where it would not mean the same there."""
    lines = _template(text.parts if isinstance(text, Join) else (text,), _heredoc).split("\n")
    if len(lines) < 2 or lines[-1] or lines[0][:1].isspace() or not all(map(_stays, lines)):
        return []
    inner = STEP * (depth + 1)
    return ["<<-EOT", *(f"{inner}{line}" if line else "" for line in lines[:-1]), f"{STEP * depth}EOT"]


def _stays(line: str) -> bool:
    """Whether a line means the same inside an indented here document: not its end, no blanks alone, printable."""
    return line.strip() != "EOT" and (not line or bool(line.strip())) and line.replace("\t", "").isprintable()
