"""Expressions that rest on nothing but themselves: the same in every scope, so they are worked out once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from standfast.audit.sources.hcl import tree
from standfast.audit.sources.terraform.reached import Scope

Work = Callable[[Scope], Any]  # an expression as a function of the scope


def once(node: tree.Node, work: Work) -> Work:
    """The same, worked out the first time only, where it is fixed."""
    if not _fixed(node):
        return work
    found: list[Any] = []

    def again(scope: Scope) -> Any:
        if not found:
            found.append(work(scope))
        return found[0]

    return again


def _fixed(node: tree.Node) -> bool:
    if isinstance(node, tree.Literal):
        return True
    if isinstance(node, tree.Unary):
        return _fixed(node.of)
    if isinstance(node, tree.Template):
        return all(map(_fixed, node.parts))
    if isinstance(node, tree.Listing):
        return all(map(_fixed, node.members))
    if isinstance(node, tree.Mapped):
        return all(_fixed(key) and _fixed(one) for key, one in node.pairs)
    if isinstance(node, tree.Call):
        from standfast.audit.sources.terraform.functions import same_everywhere

        return same_everywhere(node.name) and all(map(_fixed, node.arguments))
    return False
