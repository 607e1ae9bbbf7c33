"""Functions of lists, sets and maps."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from standfast.audit.reading import UNKNOWN
from standfast.audit.sources.terraform.reached import Reached, at_index
from standfast.audit.sources.terraform.values import (
    Cannot,
    Unordered,
    equal,
    kind_of,
    later,
    number,
    plain,
    text,
    truth,
    unordered,
)
from standfast.blueprint import Ref

MOST = 100_000  # members a function may make


def _members(value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise Cannot(f"{kind_of(value)} is no list")
    return list(value)


def concat(*lists: Any) -> Any:
    seen = [plain(one) for one in lists]
    return UNKNOWN if any(later(one) for one in seen) else [one for each in seen for one in _members(each)]


def merge(*maps: Any) -> Any:
    found: dict[str, Any] = {}
    for one in map(plain, maps):
        if later(one):
            return UNKNOWN
        found |= one or {}
    return found


def flatten(value: Any) -> Any:
    found: list[Any] = []
    for one in _members(value := plain(value)) if not later(value) else ():
        inside = plain(one)
        if isinstance(inside, (list, tuple)):
            deeper = flatten(list(inside))
            if deeper is UNKNOWN:
                return UNKNOWN
            found += deeper
        elif inside is UNKNOWN:
            return UNKNOWN  # it could be a list
        else:
            found.append(one)
    return UNKNOWN if later(value) else found


def compact(value: Any) -> Any:
    value = plain(value)
    if later(value) or any(one is UNKNOWN for one in value):
        return UNKNOWN
    return [one for one in value if plain(one) not in (None, "")]


def length(value: Any) -> Any:
    value = plain(value)
    if later(value) or isinstance(value, Reached):
        return UNKNOWN
    return len(value)


def element(value: Any, place: Any) -> Any:
    value, place = plain(value), plain(place)
    if later(value) or later(place):
        return UNKNOWN
    if not value:
        raise Cannot("an empty list has no element")
    return value[int(number(place)) % len(value)]


def one(value: Any) -> Any:
    value = plain(value)
    if later(value):
        return UNKNOWN
    if len(value) > 1:
        raise Cannot("one() is given more than one")
    return value[0] if value else None


def lookup(value: Any, key: Any, *default: Any) -> Any:
    value, key = plain(value), plain(key)
    if later(value) or later(key):
        return UNKNOWN
    return value.get(text(key), default[0]) if default else at_index(value, key)


def coalesce(*values: Any) -> Any:
    for each in values:
        inside = plain(each)
        if later(inside) and not isinstance(inside, Ref):
            return UNKNOWN
        if inside not in (None, ""):
            return each
    raise Cannot("coalesce() is given nothing but empty values")


def coalescelist(*lists: Any) -> Any:
    for each in map(plain, lists):
        if later(each):
            return UNKNOWN
        if each:
            return each
    raise Cannot("coalescelist() is given nothing but empty lists")


def contains(value: Any, wanted: Any) -> Any:
    value = plain(value)
    if later(value):
        return UNKNOWN
    seen = [equal(each, wanted) for each in value]
    return True if True in [each for each in seen if each is not UNKNOWN] else UNKNOWN if UNKNOWN in seen else False


def distinct(value: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for each in value:
        if not any(equal(each, other) is True for other in found):
            found.append(each)
    return found


def keys(value: Any) -> Any:
    value = plain(value)
    return UNKNOWN if later(value) else sorted(value)


def values(value: Any) -> Any:
    value = plain(value)
    return UNKNOWN if later(value) else [each for _, each in sorted(value.items())]


def zipmap(names: Any, given: Any) -> Any:
    names, given = plain(names), plain(given)
    if later(names) or later(given) or any(later(plain(each)) for each in names):
        return UNKNOWN
    return {text(plain(name)): each for name, each in zip(names, given, strict=True)}


def toset(value: Any) -> Any:
    value = plain(value)
    if later(value):
        return UNKNOWN
    return unordered(_alike([plain(each) if not later(plain(each)) else each for each in value]))


def tolist(value: Any) -> Any:
    value = plain(value)
    return UNKNOWN if later(value) else _alike(_members(value))


def _alike(members: list[Any]) -> list[Any]:
    """Lists and sets hold one kind: a text among numbers or truths makes them texts."""
    kinds = {type(each) for each in members}
    mixed = len(kinds - {float, int} | ({int} if kinds & {float, int} else set())) > 1
    return [text(each) for each in members] if mixed and kinds <= {str, int, float, bool} else members


def tomap(value: Any) -> Any:
    value = plain(value)
    if not later(value) and not isinstance(value, dict):
        raise Cannot(f"{kind_of(value)} is no map")
    return UNKNOWN if later(value) else value


def slice_(value: Any, start: Any, end: Any) -> Any:
    value, start, end = plain(value), plain(start), plain(end)
    if later(value) or later(start) or later(end):
        return UNKNOWN
    if not 0 <= start <= end <= len(value):
        raise Cannot("slice() reaches beyond the list")
    return value[int(start) : int(end)]


def range_(*limits: Any) -> list[Any]:
    start, end = (0, limits[0]) if len(limits) == 1 else limits[:2]
    step = limits[2] if len(limits) > 2 else 1 if start <= end else -1
    if step == 0 or (end - start) / step > 1024:  # Terraform's own limit
        raise Cannot("range() makes at most 1024 numbers")
    found = []
    while start < end if step > 0 else start > end:
        found.append(start)
        start += step
    return found


def setproduct(*sets: Any) -> Any:
    total = 1
    for each in sets:
        total *= len(each)
    if total > MOST:
        raise Cannot(f"setproduct() would make more than {MOST} members")
    return [list(each) for each in itertools.product(*sets)]


def index(value: list[Any], wanted: Any) -> int:
    for place, each in enumerate(value):
        if equal(each, wanted) is True:
            return place
    raise Cannot("the list does not hold it")


def transpose(value: dict[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in sorted(value):
        for each in value[key]:
            found.setdefault(each, []).append(key)
    return found


def _set_of(*sets: Any) -> list[Unordered]:
    return [unordered(each) for each in sets]


def intersection(*sets: Any) -> Unordered:
    first, *others = _set_of(*sets)
    return unordered(each for each in first if all(contains(other, each) is True for other in others))


OPEN = {
    "concat": concat, "merge": merge, "flatten": flatten, "compact": compact, "length": length, "element": element,
    "one": one, "lookup": lookup, "coalesce": coalesce, "coalescelist": coalescelist, "contains": contains,
    "keys": keys, "values": values, "zipmap": zipmap, "toset": toset, "tolist": tolist, "tomap": tomap,
    "slice": slice_, "nonsensitive": lambda value: value, "sensitive": lambda value: value,
}  # fmt: skip
FUNCTIONS = {
    "alltrue": lambda value: all(truth(each) for each in value),
    "anytrue": lambda value: any(truth(each) for each in value),
    "chunklist": lambda value, size: [value[at : at + size] for at in range(0, len(value), size)],
    "distinct": distinct,
    "index": index,
    "issensitive": lambda value: False,
    "matchkeys": lambda given, names, wanted: [
        each for each, name in zip(given, names, strict=True) if contains(wanted, name) is True
    ],
    "range": range_,
    "reverse": lambda value: list(reversed(value)),
    "setintersection": intersection,
    "setproduct": setproduct,
    "setsubtract": lambda one, other: unordered(each for each in one if contains(other, each) is False),
    "setunion": lambda *sets: unordered(each for one in sets for each in one),
    "sort": lambda value: sorted(map(text, value)),
    "sum": lambda value: sum(map(number, value)) if value else _nothing(),
    "tobool": lambda value: None if value is None else truth(value),
    "tonumber": lambda value: None if value is None else number(value),
    "tostring": lambda value: None if value is None else text(value),
    "transpose": transpose,
}


def _nothing() -> Any:
    raise Cannot("there is nothing to add up")
