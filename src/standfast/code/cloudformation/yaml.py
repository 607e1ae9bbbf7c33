"""Template data as YAML with CloudFormation's short tags, laid out for people: long texts as blocks, tags on one line.

Every string means exactly itself, whatever it holds: what YAML could read as something else is quoted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

STEP = "  "
# Words that YAML 1.1 reads as true, false or nothing.
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9 _./@+:,;()%=?&*^$<>{}-]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


_ODD = re.compile(r"[^ !#-\[\]-~]")  # all but what stands for itself in double quotes


@dataclass(frozen=True)
class Call:
    """An intrinsic function: `Call("Ref", "VPC")` is `!Ref VPC`."""

    function: str  # Ref, GetAtt, Sub, Select, Join, ImportValue, Base64
    value: Any


def lines(value: Any, depth: int = 0) -> list[str]:
    """A mapping or list as lines, each indented to `depth`."""
    indent = STEP * depth
    if isinstance(value, dict):
        return [line for key, one in value.items() for line in _entry(f"{indent}{scalar(str(key))}:", one, depth)]
    found = []
    for one in value:
        first, *rest = _item(one, depth)
        found += [f"{indent}- {first}", *rest]
    return found


def _entry(head: str, value: Any, depth: int) -> list[str]:
    """`head` and a value: on the same line where it fits there, below it else."""
    if isinstance(value, str):
        return (
            [f"{head} {_chomp(value)}", *_block(value, depth + 1)] if _blockable(value) else [f"{head} {scalar(value)}"]
        )
    if isinstance(value, dict) and value and not _short(value):
        return [head, *lines(value, depth + 1)]
    if isinstance(value, (list, tuple)) and value:
        return [head, *lines(value, depth + 1)]
    if isinstance(value, Call):
        return _call(head, value, depth)
    return [f"{head} {flow(value)}"]


def _item(value: Any, depth: int) -> list[str]:
    """A value after `- `: the first line without indentation."""
    if isinstance(value, Call) and (isinstance(value.value, Call) or value.function == "Base64"):
        value = {f"Fn::{value.function}": value.value}
    if isinstance(value, (dict, list, tuple)) and value and not _short(value):
        first, *rest = lines(value, depth + 1)
        return [first.lstrip(" "), *rest]
    first, *rest = _entry("", value, depth)
    return [first.lstrip(" "), *rest]


def _call(head: str, call: Call, depth: int) -> list[str]:
    """A function. One that has another inside is written out, as a tag cannot follow a tag."""
    if isinstance(call.value, Call) or call.function == "Base64":
        return [head, *_entry(f"{STEP * (depth + 1)}Fn::{call.function}:", call.value, depth + 1)]
    if isinstance(call.value, str) and _blockable(call.value):
        return [f"{head} !{call.function} {_chomp(call.value)}", *_block(call.value, depth + 1)]
    if isinstance(call.value, (list, tuple)) and not all(map(_one_line, call.value)):
        return [f"{head} !{call.function}", *lines(call.value, depth + 1)]
    return [f"{head} {flow(call)}"]


def flow(value: Any, inside: bool = False) -> str:
    """A value on one line; `inside` a list or mapping that is on one line too."""
    if isinstance(value, str):
        return scalar(value, inside)
    if isinstance(value, Call):
        if isinstance(value.value, Call):
            return f"{{Fn::{value.function}: {flow(value.value, True)}}}"
        return f"!{value.function} {flow(value.value, inside)}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(str(key), True)}: {flow(one, True)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(one, True) for one in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(int(value)) if value == int(value) else repr(value)
    raise TypeError(f"a template has no word for {type(value).__name__}")


@lru_cache(maxsize=10_000)  # a template says the same keys and words over and over
def scalar(text: str, inside: bool = False) -> str:
    """A string, plain where nothing in it means anything to YAML, else in double quotes."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not text.endswith((":", " "))
    if plain and ": " not in text and not (inside and re.search(r"[:,?{}]", text)):
        return text
    return f'"{_ODD.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ESCAPES or character.isprintable():
        return _ESCAPES.get(character, character)
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _one_line(value: Any) -> bool:
    if isinstance(value, str):
        return "\n" not in value and len(value) < 100
    if isinstance(value, Call):
        return isinstance(value.value, str) and _one_line(value.value)
    return not isinstance(value, (dict, list, tuple))


def _short(value: Any) -> bool:
    """A tag, or anything else that is a pair of a key and a value."""
    return isinstance(value, dict) and set(value) == {"Key", "Value"} and all(map(_one_line, value.values()))


def _blockable(text: str) -> bool:
    """Whether a text of several lines means the same as a literal block."""
    if "\n" not in text:
        return False
    body = text.removesuffix("\n").split("\n")
    if len(body) < 2 or not body[-1] or not body[0] or body[0][0].isspace():
        return False
    return all(not line or (bool(line.strip()) and line.replace("\t", "").isprintable()) for line in body)


def _chomp(text: str) -> str:
    return "|" if text.endswith("\n") else "|-"


def _block(text: str, depth: int) -> list[str]:
    return [f"{STEP * depth}{line}" if line else "" for line in text.removesuffix("\n").split("\n")]
