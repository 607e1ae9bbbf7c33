"""Checks as tables: kind of resource -> the setting that matters, its right values, and what an unset one means.

An unset setting is what the provider makes of it: `unset` says what that is, as its documentation does. Where it is
left out, an unset setting is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import LATER, UNKNOWN, all_hold, any_holds
from standfast.blueprint import Block, Join, Ref, Resource

Truth = bool | None


@dataclass(frozen=True)
class Setting:
    """One setting of a kind. `path`: dotted, through every one of repeated blocks. `right`: a value, a tuple of
    values, or what decides. `fix`: empty, it is made of path and value. `when`: which resources it speaks of.
    `reference`: what a reference to another resource is worth; None: nobody knows before it is applied."""

    path: str
    right: Any
    unset: Any = None
    fix: str = ""
    when: Callable[[Resource], Truth] | None = None
    reference: Truth = None


@dataclass(frozen=True)
class Beside:
    """Another resource must stand beside it: of `kind`, whose `path` refers to it, and of which `inner` holds."""

    kind: str
    path: str
    inner: Setting | None = None
    fix: str = ""
    when: Callable[[Resource], Truth] | None = None


@dataclass(frozen=True)
class OneOf:
    """Any of several settings is enough; the first one is the fix."""

    ways: tuple[Setting | Beside, ...]
    when: Callable[[Resource], Truth] | None = None


Row = Setting | Beside | OneOf
Table = Mapping[str, Row | tuple[Row, ...]]


def judge(estate: Estate, table: Table, good: str, bad: str) -> Iterator[Finding]:
    """A finding for every resource and row of the table. What cannot be told is unknown, never kept."""
    for kind, rows in table.items():
        for one in estate.of(kind):
            for row in rows if isinstance(rows, tuple) else (rows,):
                speaks = row.when(one) if row.when else True
                if speaks is not False:
                    holds = truth(estate, one, row)
                    yield judged(one, holds if speaks or holds else None, good, bad, fix_of(row))


def truth(estate: Estate, one: Resource, row: Row) -> Truth:
    """Whether a row holds for a resource; None: decided when it is applied."""
    if isinstance(row, OneOf):
        return any_holds(truth(estate, one, way) for way in row.ways)
    if isinstance(row, Setting):
        return holds(one, row)
    found = estate.linked(row.kind, row.path, one)
    if not found:
        return estate.absent(row.kind, row.path)
    return any_holds(holds(other, row.inner) for other in found) if row.inner else True


def holds(owner: Any, row: Setting) -> Truth:
    """Every value at the path is right."""
    return all_hold(_right(value, row) for value in leaves(owner, row.path))


def leaves(owner: Any, path: str) -> list[Any]:
    """Every value at a dotted path, through each of repeated blocks; None for one that is not set."""
    return list(_leaves(owner.settings if isinstance(owner, Resource) else owner, path.split(".")))


def _leaves(value: Any, keys: list[str]) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for one in value or (None,):
            yield from _leaves(one, keys)
    elif isinstance(value, Block):
        yield from _leaves(value.settings, keys)
    elif keys and isinstance(value, LATER):
        yield UNKNOWN
    elif keys:
        yield from _leaves(value.get(keys[0]) if isinstance(value, Mapping) else None, keys[1:])
    else:
        yield None if value == "" else value


def _right(value: Any, row: Setting) -> Truth:
    if value is None:
        value = row.unset
    if row.right is written:
        return written(value)
    if isinstance(value, (Ref, Join)):
        return row.reference
    if isinstance(value, LATER):
        return None
    if callable(row.right):
        return row.right(value)
    return _plain(value) in {_plain(one) for one in (row.right if isinstance(row.right, tuple) else (row.right,))}


def _plain(value: Any) -> str:
    """Providers write switches and numbers as text here and there, and do not mind upper and lower case."""
    return "\0" if value is None else str(value).lower()


def undecided(values: Iterable[Any]) -> bool:
    """Whether one of them is decided only when it is applied."""
    return any(isinstance(one, LATER) for one in values)


def written(value: Any) -> Truth:
    """Something stands there: a value, or a reference to a resource that will."""
    if isinstance(value, (Ref, Join)):
        return True
    return None if isinstance(value, LATER) else value is not None


def absent(value: Any) -> Truth:
    """Nothing stands there."""
    return None if isinstance(value, LATER) else value is None


def at_least(least: float) -> Callable[[Any], Truth]:
    """A number (of seconds, where it is written as `90s`) that is not smaller."""

    def decide(value: Any) -> Truth:
        found = _number(value)
        return found is not None and found >= least

    return decide


def at_most(most: float) -> Callable[[Any], Truth]:
    """A number (of seconds, where it is written as `90s`) that is not larger."""

    def decide(value: Any) -> Truth:
        found = _number(value)
        return found is not None and found <= most

    return decide


def none_of(*wrong: Any) -> Callable[[Any], Truth]:
    """Anything else, also nothing at all."""
    names = {_plain(one) for one in wrong}
    return lambda value: _plain(value) not in names


def _number(value: Any) -> float | None:
    try:
        return float(str(value).removesuffix("s"))
    except ValueError:
        return None


def fix_of(row: Row) -> str:
    """What puts it right, in a few words."""
    if isinstance(row, OneOf):
        return fix_of(row.ways[0])
    if row.fix:
        return row.fix
    if isinstance(row, Beside):
        return f"add {row.kind} for it"
    right = row.right[0] if isinstance(row.right, tuple) else row.right
    if callable(right):
        return f"remove {row.path}" if right is absent else f"set {row.path}"
    return f"set {row.path} = {_plain(right) if isinstance(right, bool) else right}"
