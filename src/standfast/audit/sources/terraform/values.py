"""Values while Terraform's code is read, and how they turn into one another.

Text, numbers, truths, None, lists and dicts are themselves; `Unordered` is a set. What is not known is what
`audit/reading.py` has for it: UNKNOWN, a Var that nobody gave, a Ref to another resource, a Join of texts and those.
Source: developer.hashicorp.com/terraform/language/expressions/types
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from standfast.audit.reading import LATER, UNKNOWN, Written
from standfast.blueprint import Join, Json, Ref

LONGEST = 16 << 20  # characters a text may grow to: texts that double themselves end here
LARGEST = 200_000  # members of a value, with those inside them: lists that double themselves end here
PARTS = 1_000  # of a text in which not all is known


class Cannot(Exception):
    """An expression that has no value: what is wrong. `seen`: nothing is wrong with it, we cannot say it."""

    def __init__(self, what: str, why: str = "", fix: str = "", at: int | None = None, seen: bool = True):
        self.what, self.why, self.fix, self.at, self.seen = what, why, fix, at, seen
        super().__init__(what)


class Unordered(list):
    """A set: no member twice; in the order that Terraform would go through it, where that is known."""


class Part(dict):
    """What is written of a block of a resource: the cloud may add to it."""


def plain(value: Any) -> Any:
    """The value itself where a reference leads to one that is written down."""
    steps = 0
    while isinstance(value, Written) and steps < 50:  # a reference may lead to another one
        value = value.told()
        steps += 1
    if isinstance(value, Join):
        parts = [plain(one) for one in value.parts]
        if all(isinstance(one, (str, int, float, bool)) for one in parts):
            return "".join(text(one) for one in parts)
    return value


_LATER = (*LATER, Json)


def later(value: Any) -> bool:
    """Whether it is decided only when it is applied."""
    return isinstance(value, _LATER)


def holds_later(value: Any) -> bool:
    """Whether anything in it is."""
    if isinstance(value, (str, int, float)) or value is None:
        return False
    if isinstance(value, Mapping):
        return any(holds_later(one) for one in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_later(one) for one in value)
    return True


def deep(value: Any) -> Any:
    """`plain`, all the way down."""
    value = plain(value)
    if isinstance(value, Unordered):
        return Unordered(deep(one) for one in value)
    if isinstance(value, list):
        return [deep(one) for one in value]
    if isinstance(value, dict):
        return {key: deep(one) for key, one in value.items()}
    return value


def text(value: Any) -> str:
    """As text. Raises Cannot for what has none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if abs(value) < 1e21 else f"{value:.0f}"
    raise Cannot(f"{kind_of(value)} is no text")


def number(value: Any) -> int | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return whole(float(value)) if not value.strip("+-").isdigit() else int(value)
        except ValueError:
            pass
    raise Cannot(f"{kind_of(value)} is no number")


def whole(value: float) -> int | float:
    """Terraform has one kind of number: 2.0 is 2."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise Cannot(f"{kind_of(value)} is neither true nor false")


def kind_of(value: Any) -> str:
    """What kind of value it is, never the value: it may be a secret."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth"
    if isinstance(value, str):
        return "this text"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, dict):
        return "a map"
    return "a list" if isinstance(value, (list, tuple)) else "this value"


def equal(one: Any, other: Any) -> Any:
    """Whether two values are the same; UNKNOWN where that is decided later. Text is never a number."""
    one, other = plain(one), plain(other)
    if later(one) or later(other):
        # What a resource gives is hardly ever null, whatever it turns out to be; a variable nobody gave may be.
        told = (one is None and isinstance(other, (Ref, Join))) or (other is None and isinstance(one, (Ref, Join)))
        return False if told else UNKNOWN
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        if len(one) != len(other):
            return False
        return _all(equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and _all(equal(one[key], other[key]) for key in one)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if type(one) is not type(other) and not (isinstance(one, (int, float)) and isinstance(other, (int, float))):
        return False
    return one == other


def _all(seen: Iterable[Any]) -> Any:
    found = list(seen)
    return False if False in [one for one in found if one is not UNKNOWN] else UNKNOWN if UNKNOWN in found else True


def unordered(members: Iterable[Any]) -> Unordered:
    """A set of these, sorted where Terraform sorts: texts and numbers."""
    found: list[Any] = []
    seen: set[Any] = set()
    for one in members:
        if isinstance(one, (str, int, float)):
            mark = (type(one) is bool, one)
            if mark in seen:
                continue
            seen.add(mark)
        elif any(equal(one, other) is True for other in found if not isinstance(other, (str, int, float))):
            continue
        found.append(one)
    if all(isinstance(one, str) for one in found):
        found.sort(key=lambda one: one.encode("utf-8", "surrogatepass"))
    elif all(isinstance(one, (int, float)) for one in found):
        found.sort()
    return Unordered(found)


def joined(parts: Iterable[Any]) -> Any:
    """Text of these parts; a Join where one is decided later. Raises Cannot for what is no text."""
    found: list[Any] = []
    size = 0
    for one in parts:
        if isinstance(one, Join):
            found += one.parts
        elif later(one):
            found.append(UNKNOWN if isinstance(one, Json) else one)
        else:
            said = text(one)
            size += len(said)
            if size > LONGEST:
                raise Cannot(f"a text grows over {LONGEST >> 20} MiB")
            if found and isinstance(found[-1], str):
                found[-1] += said
            else:
                found.append(said)
    if all(isinstance(one, str) for one in found):
        return "".join(found)
    if len(found) > PARTS:
        return UNKNOWN
    return found[0] if len(found) == 1 else Join(tuple(found))


def within_bounds(value: Any) -> Any:
    """The value. Raises Cannot for one that has grown too large."""
    if isinstance(value, (list, dict)):
        left, todo = LARGEST, [value]
        while todo:
            one = todo.pop()
            inside = list(one.values()) if isinstance(one, dict) else one
            left -= len(inside)
            if left < 0:
                raise Cannot(f"a value grows over {LARGEST} members")
            todo += [each for each in inside if isinstance(each, (list, dict))]
    return value
