"""What an expression is worth in a scope. What is not known stays unknown, and whatever rests on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from standfast.audit.reading import UNKNOWN, Written
from standfast.audit.sources.hcl import tree
from standfast.audit.sources.terraform.reached import Reached, Scope, Unsure, at_index, reach
from standfast.audit.sources.terraform.values import (
    Cannot,
    Unordered,
    equal,
    joined,
    kind_of,
    later,
    number,
    plain,
    text,
    truth,
    whole,
)
from standfast.blueprint import Ref


def value(node: tree.Node, scope: Scope) -> Any:
    """Raises Cannot where it has no value."""
    return _VALUES[type(node)](node, scope)


def _literal(node: tree.Literal, scope: Scope) -> Any:
    return node.value


def _template(node: tree.Template, scope: Scope) -> Any:
    return joined(_settled(value(one, scope)) for one in node.parts)


def _settled(found: Any) -> Any:
    return found.as_value() if isinstance(found, Reached) else found


def _name(node: tree.Name, scope: Scope) -> Any:
    if node.name in scope.names:
        return scope.names[node.name]
    return scope.module.root(node.name, node.at)


def _attribute(node: tree.Attribute, scope: Scope) -> Any:
    return reach(value(node.of, scope), node.name)


def _index(node: tree.Index, scope: Scope) -> Any:
    return at_index(value(node.of, scope), plain(value(node.key, scope)))


def _splat(node: tree.Splat, scope: Scope) -> Any:
    of = value(node.of, scope)
    if isinstance(of, Written):
        of = plain(of)
    if isinstance(of, Unsure) or (later(of) and not isinstance(of, Ref)):
        return UNKNOWN
    if of is None:
        return []
    members = list(of) if isinstance(of, (list, tuple)) else [of]
    for step in node.steps:
        if isinstance(step, str):
            members = [reach(one, step) for one in members]
        else:
            key = plain(value(step, scope))
            members = [at_index(one, key) for one in members]
    return members


def _call(node: tree.Call, scope: Scope) -> Any:
    from standfast.audit.sources.terraform.functions import call

    return call(node, scope)


def _unary(node: tree.Unary, scope: Scope) -> Any:
    of = plain(value(node.of, scope))
    if later(of):
        return UNKNOWN
    return -number(of) if node.sign == "-" else not truth(of)


def _binary(node: tree.Binary, scope: Scope) -> Any:
    sign = node.sign
    left = plain(_settled(value(node.left, scope)))
    if sign in ("&&", "||"):
        return _logic(sign, left, node.right, scope)
    right = plain(_settled(value(node.right, scope)))
    if sign in ("==", "!="):
        same = equal(left, right)
        return same if same is UNKNOWN or sign == "==" else not same
    if later(left) or later(right):
        return UNKNOWN
    return _ARITHMETIC[sign](number(left), number(right))


def _logic(sign: str, left: Any, second: tree.Node, scope: Scope) -> Any:
    """One side may decide alone; what is not known matters only where it does not."""
    ends = sign == "||"
    if not later(left) and truth(left) is ends:
        return ends
    try:
        right = plain(_settled(value(second, scope)))
    except Cannot:
        if later(left):  # the first side may be there to prevent it
            return UNKNOWN
        raise
    if not later(right) and truth(right) is ends:
        return ends
    return UNKNOWN if later(left) or later(right) else not ends


def _divided(one: float, other: float) -> Any:
    if other == 0:
        raise Cannot("a division by zero")
    return one // other if isinstance(one, int) and isinstance(other, int) and one % other == 0 else whole(one / other)


def _rest(one: float, other: float) -> Any:
    if other == 0:
        raise Cannot("a division by zero")
    return whole(math.fmod(one, other))


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda one, other: whole(one + other),
    "-": lambda one, other: whole(one - other),
    "*": lambda one, other: whole(one * other),
    "/": _divided,
    "%": _rest,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}


def _condition(node: tree.Condition, scope: Scope) -> Any:
    asked = plain(_settled(value(node.asked, scope)))
    if not later(asked):
        return value(node.yes if truth(asked) else node.no, scope)
    try:
        yes, no = value(node.yes, scope), value(node.no, scope)
    except Cannot:
        return UNKNOWN  # the condition may be there to prevent it
    return yes if equal(yes, no) is True else UNKNOWN


def _listing(node: tree.Listing, scope: Scope) -> list[Any]:
    return [value(one, scope) for one in node.members]


def _mapped(node: tree.Mapped, scope: Scope) -> Any:
    found = {}
    for key, one in node.pairs:
        name = key.value if isinstance(key, tree.Literal) else plain(value(key, scope))
        if later(name):
            return UNKNOWN
        found[text(name)] = value(one, scope)
    return found


def pairs_of(over: Any) -> list[tuple[Any, Any]] | None:
    """Keys and values to go through; None where they are decided later. Raises Cannot."""
    over = plain(over)
    if isinstance(over, Unsure) or later(over):
        return None
    if isinstance(over, dict):
        return sorted(over.items())
    if isinstance(over, Unordered):
        return [(one, one) for one in over]
    if isinstance(over, (list, tuple)):
        return list(enumerate(over))
    raise Cannot(f"{kind_of(over)} is no list and no map")


def _loop(node: tree.Loop, scope: Scope) -> Any:
    pairs = pairs_of(value(node.over, scope))
    if pairs is None:
        return UNKNOWN
    listed: list[Any] = []
    mapped: dict[str, Any] = {}
    for key, one in pairs:
        named = {node.names[0]: one} if len(node.names) == 1 else {node.names[0]: key, node.names[1]: one}
        inner = Scope(scope.module, {**scope.names, **named})
        if node.asked is not None:
            wanted = plain(value(node.asked, inner))
            if later(wanted):
                return UNKNOWN
            if not truth(wanted):
                continue
        if node.key is None:
            listed.append(value(node.value, inner))
            continue
        name = plain(value(node.key, inner))
        if later(name):
            return UNKNOWN
        if node.grouped:
            mapped.setdefault(text(name), []).append(value(node.value, inner))
        elif text(name) in mapped:
            raise Cannot("two members of a map get the same key", at=node.at)
        else:
            mapped[text(name)] = value(node.value, inner)
    if node.text:
        return joined(_settled(one) for one in listed)
    return listed if node.key is None else mapped


_VALUES: dict[type, Callable[[Any, Scope], Any]] = {
    tree.Literal: _literal,
    tree.Template: _template,
    tree.Name: _name,
    tree.Attribute: _attribute,
    tree.Index: _index,
    tree.Splat: _splat,
    tree.Call: _call,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Condition: _condition,
    tree.Listing: _listing,
    tree.Mapped: _mapped,
    tree.Loop: _loop,
}
