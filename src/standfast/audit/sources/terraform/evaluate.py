"""What an expression is worth in a scope. What is not known stays unknown, and whatever rests on it.

An expression is made into a function of the scope when it is first asked for, and that once: a module's body is read
for each of its instances. What rests on nothing is worked out once for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from standfast.audit.reading import UNKNOWN, Written
from standfast.audit.sources.hcl import tree
from standfast.audit.sources.terraform.fixed import Work, once
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
    work = node.work
    return work(scope) if work is not None else worked(node)(scope)


def worked(node: tree.Node) -> Work:
    """The expression as a function of the scope. The function raises Cannot where it has no value."""
    if node.work is None:
        node.work = _WORK[type(node)](node)
    return node.work


def _settled(found: Any) -> Any:
    return found.as_value() if isinstance(found, Reached) else found


def _literal(node: tree.Literal) -> Work:
    said = node.value
    return lambda scope: said


def _template(node: tree.Template) -> Work:
    parts = [worked(one) for one in node.parts]
    return once(node, lambda scope: joined([_settled(part(scope)) for part in parts]))


def _name(node: tree.Name) -> Work:
    name, at = node.name, node.at

    def work(scope: Scope) -> Any:
        return scope.names[name] if name in scope.names else scope.module.root(name, at)

    return work


def _attribute(node: tree.Attribute) -> Work:
    of, name = node.of, node.name
    before = worked(of)
    if not isinstance(of, tree.Name) or of.name not in ("var", "local"):
        return lambda scope: reach(before(scope), name)
    first, given = of.name, of.name == "var"

    def work(scope: Scope) -> Any:  # the most frequent names, without a step between
        if first in scope.names:
            return reach(scope.names[first], name)
        return scope.module.variable(name) if given else scope.module.local(name)

    return work


def _index(node: tree.Index) -> Work:
    of, key = worked(node.of), worked(node.key)
    return lambda scope: at_index(of(scope), plain(key(scope)))


def _splat(node: tree.Splat) -> Work:
    before = worked(node.of)
    steps = [one if isinstance(one, str) else worked(one) for one in node.steps]

    def work(scope: Scope) -> Any:
        of = before(scope)
        if isinstance(of, Written):
            of = plain(of)
        if isinstance(of, Unsure) or (later(of) and not isinstance(of, Ref)):
            return UNKNOWN
        if of is None:
            return []
        members = list(of) if isinstance(of, (list, tuple)) else [of]
        for step in steps:
            if isinstance(step, str):
                members = [reach(one, step) for one in members]
            else:
                key = plain(step(scope))
                members = [at_index(one, key) for one in members]
        return members

    return work


def _call(node: tree.Call) -> Work:
    from standfast.audit.sources.terraform.functions import called

    return once(node, called(node, [worked(one) for one in node.arguments]))


def _unary(node: tree.Unary) -> Work:
    before, minus = worked(node.of), node.sign == "-"

    def work(scope: Scope) -> Any:
        of = plain(before(scope))
        if later(of):
            return UNKNOWN
        return -number(of) if minus else not truth(of)

    return once(node, work)


def _binary(node: tree.Binary) -> Work:
    sign, one, other = node.sign, worked(node.left), worked(node.right)
    if sign in ("&&", "||"):
        return lambda scope: _logic(sign == "||", plain(_settled(one(scope))), other, scope)
    if sign in ("==", "!="):

        def compared(scope: Scope) -> Any:
            same = equal(_settled(one(scope)), _settled(other(scope)))
            return same if same is UNKNOWN or sign == "==" else not same

        return compared
    reckon = _ARITHMETIC[sign]

    def work(scope: Scope) -> Any:
        left, right = plain(_settled(one(scope))), plain(_settled(other(scope)))
        return UNKNOWN if later(left) or later(right) else reckon(number(left), number(right))

    return work


def _logic(ends: bool, left: Any, second: Work, scope: Scope) -> Any:
    """One side may decide alone; what is not known matters only where it does not."""
    if not later(left) and truth(left) is ends:
        return ends
    try:
        right = plain(_settled(second(scope)))
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


def _condition(node: tree.Condition) -> Work:
    asks, one, other = worked(node.asked), worked(node.yes), worked(node.no)

    def work(scope: Scope) -> Any:
        asked = plain(_settled(asks(scope)))
        if not later(asked):
            return one(scope) if truth(asked) else other(scope)
        try:
            yes, no = one(scope), other(scope)
        except Cannot:
            return UNKNOWN  # the condition may be there to prevent it
        return yes if equal(yes, no) is True else UNKNOWN

    return work


def _listing(node: tree.Listing) -> Work:
    members = [worked(one) for one in node.members]
    return once(node, lambda scope: [one(scope) for one in members])


def _mapped(node: tree.Mapped) -> Work:
    pairs = [(worked(key), worked(one)) for key, one in node.pairs]

    def work(scope: Scope) -> Any:
        found = {}
        for key, one in pairs:
            name = plain(key(scope))
            if later(name):
                return UNKNOWN
            found[text(name)] = one(scope)
        return found

    return once(node, work)


def _loop(node: tree.Loop) -> Work:
    over, makes = worked(node.over), worked(node.value)
    names = worked(node.key) if node.key is not None else None
    asks = worked(node.asked) if node.asked is not None else None
    *first, last = node.names

    def work(scope: Scope) -> Any:
        pairs = pairs_of(over(scope))
        if pairs is None:
            return UNKNOWN
        listed: list[Any] = []
        mapped: dict[str, Any] = {}
        for key, one in pairs:
            inner = Scope(scope.module, {**scope.names, **dict.fromkeys(first, key), last: one})
            if asks is not None:
                wanted = plain(asks(inner))
                if later(wanted):
                    return UNKNOWN
                if not truth(wanted):
                    continue
            if names is None:
                listed.append(makes(inner))
                continue
            name = plain(names(inner))
            if later(name):
                return UNKNOWN
            if node.grouped:
                mapped.setdefault(text(name), []).append(makes(inner))
            elif text(name) in mapped:
                raise Cannot("two members of a map get the same key", at=node.at)
            else:
                mapped[text(name)] = makes(inner)
        if node.text:
            return joined(_settled(one) for one in listed)
        return listed if names is None else mapped

    return work


_WORK: dict[type, Callable[[Any], Work]] = {
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
