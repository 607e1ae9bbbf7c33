"""Plain data as YAML: block style, in the order it was built, long expressions unbroken.

Written by hand because PyYAML takes 20 times as long, and a system with hundreds of objectives has ten thousand rules.
Text is plain only where no reader of YAML 1.1 or 1.2 could take it for anything else; else it is quoted as JSON quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

# begins with a letter or `/`, no sign that means anything; words that YAML reads as something else are not plain
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./@-]*(?: [A-Za-z0-9_./@-]+)*")
_WORDS = re.compile(r"(?:y|n|yes|no|on|off|true|false|null|inf|nan)", re.IGNORECASE)


def as_yaml(document: dict[str, Any] | list[Any], title: str) -> str:
    """A whole file; `title` is one line of our own."""
    head = f"# {title}. Written by Standfast; change the spec, not this file.\n"
    return head + "".join(f"{line}\n" for line in _lines(document, ""))


def _lines(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _entry(f"{indent}{_scalar(str(key))}:", one, indent, f"{indent}  ")
    else:
        for one in value:
            if isinstance(one, dict) and one:
                inner = list(_lines(one, f"{indent}  "))
                yield f"{indent}- {inner[0].lstrip(' ')}"
                yield from inner[1:]
            else:
                yield from _entry(f"{indent}-", one, indent, f"{indent}  ")


def _entry(head: str, value: Any, indent: str, deeper: str) -> Iterator[str]:
    """A key or a dash with what it holds; a list stands as deep as its key."""
    if isinstance(value, dict):
        yield head if value else f"{head} {{}}"
        yield from _lines(value, deeper)
    elif isinstance(value, list | tuple):
        yield head if value else f"{head} []"
        yield from _lines(value, deeper if head.endswith("-") else indent)
    elif isinstance(value, str) and "\n" in value and value.isascii() and _block(value):
        yield f"{head} |-"
        yield from (f"{deeper}{line}" for line in value.split("\n"))
    else:
        yield f"{head} {_scalar(value)}"


def _block(value: str) -> bool:
    """Whether a text can stand as a block: printable lines, none empty, none that begins or ends with a space."""
    return all(line.isprintable() and line and line.strip(" ") == line for line in value.split("\n"))


def _scalar(value: Any) -> str:
    return _text(value) if isinstance(value, str) else _number(value)


@lru_cache(maxsize=4096)  # keys and labels come again and again
def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and not _WORDS.fullmatch(value):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    if value.isprintable():
        return quoted
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in quoted)


def _number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:.1f}"
    text = json.dumps(value)
    return text.replace("e", ".0e") if isinstance(value, float) and "e" in text and "." not in text else text
