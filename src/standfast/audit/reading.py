"""Reading settings, whoever wrote them: our blueprint (Block, Ref, Json …) or Terraform (lists of mappings, text).

Three-valued throughout: what is decided only when it is applied is UNKNOWN, or None where a truth is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from standfast.blueprint import Base64, Block, Join, Json, Ref, Resource, Var


class Unknown:
    """A value that is decided only when it is applied."""

    def __repr__(self) -> str:
        return "UNKNOWN"


class Hidden:
    """A value that is there and is a secret: it was dropped when it was read."""

    def __repr__(self) -> str:
        return "HIDDEN"


@dataclass(frozen=True)
class Written(Ref):
    """A reference to an attribute that the code of that resource sets: `told()` is what it says there."""

    told: Callable[[], Any] = field(default=lambda: UNKNOWN, compare=False, repr=False, kw_only=True)


UNKNOWN = Unknown()
HIDDEN = Hidden()
LATER = (Ref, Var, Join, Unknown)  # what stands for a value that is not known yet
Owner = Resource | Mapping[str, Any] | Block | Unknown


def raw(owner: Any, path: str) -> Any:
    """The value at a dotted path as it was written, through the first of repeated blocks; None where unset."""
    value: Any = owner.settings if isinstance(owner, Resource) else owner
    if isinstance(value, dict) and "." not in path:
        return value.get(path)  # most of what checks ask for
    for key in path.split("."):
        if isinstance(value, (list, tuple)):
            value = value[0] if value else None
        if isinstance(value, Block):
            value = value.settings
        if value is UNKNOWN:
            return UNKNOWN
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def known(owner: Any, path: str, default: Any = None) -> Any:
    """The literal at a path; UNKNOWN for what is decided later; `default` (the provider's) where unset."""
    value = raw(owner, path)
    if isinstance(value, Written):
        value = value.told()
    if value is None or value == "":
        return default
    return UNKNOWN if isinstance(value, LATER) else value


def flag(owner: Any, path: str, default: bool = False) -> bool | None:
    """A switch; None: not known yet. Some providers write switches as text."""
    value = known(owner, path, default)
    if value is UNKNOWN:
        return None
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def number(owner: Any, path: str, default: float = 0) -> float | None:
    """A number; None: not known yet."""
    value = known(owner, path, default)
    try:
        return None if value is UNKNOWN else float(value)
    except (TypeError, ValueError):
        return None


def blocks(owner: Any, path: str) -> list[Any]:
    """Every block of a name, whether written once or repeated; [UNKNOWN] where that is decided later."""
    value = raw(owner, path)
    if value is None:
        return []
    if isinstance(value, LATER):
        return [UNKNOWN]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def items(owner: Any, path: str) -> list[Any]:
    """The members of a list as they were written; one value counts as a list of one."""
    value = raw(owner, path)
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def document(owner: Any, path: str) -> Any:
    """A JSON document as plain data (references inside stay); UNKNOWN where it is decided later, None where unset.

    So is a policy of which it is not known what it allows, or whom.
    """
    value = raw(owner, path)
    if isinstance(value, Json):
        return UNKNOWN if _open_ended(value.document) else value.document
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return value if isinstance(value, Mapping) else UNKNOWN
    try:
        return json.loads(value)
    except ValueError:
        return UNKNOWN


DECIDES = ("Effect", "Action", "NotAction", "Principal", "NotPrincipal")  # of a statement of a policy


def _open_ended(document: Any) -> bool:
    if document is UNKNOWN or not isinstance(document, Mapping):
        return document is UNKNOWN
    statements = document.get("Statement")
    for one in statements if isinstance(statements, list) else [statements]:
        if one is UNKNOWN:
            return True
        if isinstance(one, Mapping):
            conditions = one.get("Condition") or {}
            named = isinstance(conditions, Mapping) and all(isinstance(each, Mapping) for each in conditions.values())
            if not named or any(_holds_unknown(one.get(key)) for key in DECIDES):
                return True
    return False


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_unknown(one) for one in value.values())
    if isinstance(value, (list, tuple)):
        return any(_holds_unknown(one) for one in value)
    return isinstance(value, (Unknown, Var))


def literal_text(value: Any) -> str:
    """The parts of a text that are written down; what is decided later leaves a gap that no pattern crosses."""
    if isinstance(value, Base64):
        return literal_text(value.text)
    if isinstance(value, Join):
        return "".join(part if isinstance(part, str) else "\0" for part in value.parts)
    return value if isinstance(value, str) else ""


def references(value: Any) -> Iterator[Ref]:
    """Every reference inside a value, however deep."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, Join):
        yield from references(value.parts)
    elif isinstance(value, Json):
        yield from references(value.document)
    elif isinstance(value, Block):
        yield from references(value.settings)
    elif isinstance(value, Mapping):
        yield from references(list(value.values()))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from references(one)


def all_hold(truths: Iterable[bool | None]) -> bool | None:
    """And: False if one is False, else None if one is not known, else True."""
    seen = list(truths)
    return False if False in seen else None if None in seen else True


def any_holds(truths: Iterable[bool | None]) -> bool | None:
    """Or: True if one is True, else None if one is not known, else False."""
    seen = list(truths)
    return True if True in seen else None if None in seen else False


def is_one_of(value: Any, *wanted: Any) -> bool | None:
    return None if value is UNKNOWN else value in wanted
