"""Terraform's functions. A module's `FUNCTIONS` maps a name to what it does with values that are known.

`FUNCTIONS` are called only where all they get is known, however deep; else their result is UNKNOWN. `OPEN` ones are
called with whatever there is, and see to it themselves; `WITH_SCOPE` ones get the scope as well.
Source: developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any

from standfast.audit.reading import UNKNOWN
from standfast.audit.sources.hcl import tree
from standfast.audit.sources.terraform.reached import Reached, Scope
from standfast.audit.sources.terraform.values import Cannot, deep, holds_later, later, plain
from standfast.problem import did_you_mean

# What is decided only when it is applied, or is different every time.
LATER = {"timestamp", "plantimestamp", "uuid", "bcrypt", "rsadecrypt", "ephemeralasnull"}


@cache
def _table(name: str) -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for module in pkgutil.iter_modules(__path__):
        found |= getattr(importlib.import_module(f"{__name__}.{module.name}"), name, {})
    return found


def known_functions() -> set[str]:
    """The names of all."""
    return {*_table("FUNCTIONS"), *_table("OPEN"), *_table("WITH_SCOPE"), *LATER, "try", "can"}


def same_everywhere(name: str) -> bool:
    """Whether a function makes the same of the same, whoever calls it."""
    name = name.removeprefix("core::")
    return name in _table("FUNCTIONS") or name in _table("OPEN")


def called(node: tree.Call, works: list[Callable[[Scope], Any]]) -> Callable[[Scope], Any]:
    """A call as a function of the scope, `works` its arguments as such. It raises Cannot: for what the function
    refuses, and for a function that is not known here."""
    name = node.name.removeprefix("core::")
    if name in ("try", "can"):
        return lambda scope: _tried(name, works, scope)

    def work(scope: Scope) -> Any:
        arguments = [one(scope) for one in works]
        if node.spread:
            last = plain(arguments.pop())
            if later(last) or not isinstance(last, (list, tuple)):
                return UNKNOWN
            arguments += last
        try:
            return _called(name, arguments, scope)
        except Cannot as caught:
            if caught.at is None:
                caught.at = node.at
            raise
        except (TypeError, ValueError, IndexError, KeyError, AttributeError, OverflowError) as caught:
            raise Cannot(f"{name}() cannot do this with what it is given", at=node.at) from caught

    return work


def _called(name: str, arguments: list[Any], scope: Scope) -> Any:
    function = _table("OPEN").get(name)
    if function is not None:
        return function(*map(_seen, arguments))
    with_scope = _table("WITH_SCOPE").get(name)
    if with_scope is not None:
        return with_scope(scope, *(deep(_seen(one)) for one in arguments))
    function = _table("FUNCTIONS").get(name)
    if function is None:
        if name in LATER:
            return UNKNOWN
        why = "its value is unknown here, and what rests on it"
        near = did_you_mean(name[:40], known_functions())
        fix = near if near.startswith("did") else ""
        raise Cannot(f"the function {name[:60]}() is not known here", why, fix, seen=False)
    known = [deep(_seen(one)) for one in arguments]
    return UNKNOWN if any(holds_later(one) for one in known) else function(*known)


def _seen(one: Any) -> Any:
    return one.as_value() if isinstance(one, Reached) and not hasattr(one, "address") else one


def _tried(name: str, works: list[Callable[[Scope], Any]], scope: Scope) -> Any:
    """The first argument that has a value; whether the only one has. Unknown is a value that cannot be told yet."""
    refused: Cannot | None = None
    for one in works:
        try:
            found = one(scope)
        except Cannot as caught:
            if not caught.seen:
                raise
            refused = caught
            continue
        return found if name == "try" else UNKNOWN if found is UNKNOWN else True
    if name == "can":
        return False
    raise refused or Cannot("try() is given nothing")
