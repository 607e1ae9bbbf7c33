"""Values turned into what a variable's type asks for: `list(string)`, `object({a = optional(bool, true)})`.

Source: developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from typing import Any

from standfast.audit.sources.hcl import tree
from standfast.audit.sources.terraform.evaluate import value
from standfast.audit.sources.terraform.reached import Scope
from standfast.audit.sources.terraform.values import Cannot, kind_of, later, number, plain, text, truth, unordered

SCALARS = {"string": text, "number": number, "bool": truth}


def converted(found: Any, kind: tree.Node, scope: Scope) -> Any:
    """Raises Cannot where it does not fit. What is decided later stays so."""
    if found is None or isinstance(kind, tree.Literal):
        return found
    if isinstance(kind, tree.Name):
        turn = SCALARS.get(kind.name)
        if turn is None:
            return found  # any, list, map, set
        inside = plain(found)
        return found if later(inside) or not isinstance(inside, (str, int, float, bool, dict, list)) else turn(inside)
    if not isinstance(kind, tree.Call) or not kind.arguments:
        return found
    inside = plain(found)
    if later(inside):
        return found
    return _compound(inside, kind, scope)


def _compound(found: Any, kind: tree.Call, scope: Scope) -> Any:
    of = kind.arguments[0]
    if kind.name in ("list", "set"):
        if not isinstance(found, (list, tuple)):
            raise Cannot(f"{kind_of(found)} is no {kind.name}")
        members = [converted(one, of, scope) for one in found]
        return unordered(members) if kind.name == "set" else members
    if kind.name == "map":
        if not isinstance(found, dict):
            raise Cannot(f"{kind_of(found)} is no map")
        return {key: converted(one, of, scope) for key, one in found.items()}
    if kind.name == "tuple" and isinstance(of, tree.Listing) and isinstance(found, list):
        return [converted(one, each, scope) for one, each in zip(found, of.members, strict=False)]
    if kind.name == "object" and isinstance(of, tree.Mapped):
        if not isinstance(found, dict):
            raise Cannot(f"{kind_of(found)} is no object")
        return _object(found, of, scope)
    if kind.name == "optional":
        return converted(found, of, scope)
    return found


def _object(found: dict[str, Any], of: tree.Mapped, scope: Scope) -> dict[str, Any]:
    """The attributes of the type, no others; an optional one that is not given gets its default."""
    made = {}
    for key, kind in of.pairs:
        name = key.value if isinstance(key, tree.Literal) else text(value(key, scope))
        optional = isinstance(kind, tree.Call) and kind.name == "optional"
        given = found.get(name)
        if given is None and optional and len(kind.arguments) > 1:
            given = value(kind.arguments[1], scope)
        elif name not in found and not optional:
            raise Cannot(f"the object lacks '{name[:60]}'")
        made[name] = converted(given, kind, scope)
    return made
