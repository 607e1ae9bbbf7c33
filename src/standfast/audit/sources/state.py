"""`terraform show -json`, of a state or a plan, as resources. Their places come from the tag `spec`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from standfast.blueprint import Resource
from standfast.problem import Place, Problem, Problems

SPEC = re.compile(r"(.+):(\d+)")


def resources_of(document: Mapping[str, Any], file: str = "state") -> list[Resource]:
    """Every managed resource, also of nested modules, in the order of the document. Raises Problems."""
    values = document.get("values") or document.get("planned_values") or {}
    root = values.get("root_module") if isinstance(values, Mapping) else None
    if not isinstance(root, Mapping):
        why = "it has neither `values` nor `planned_values`"
        fix = "make it with: terraform show -json > state.json"
        raise Problems([Problem(f"{file} is not what terraform show -json prints", why, fix, Place(file))])
    return list(_module(root))


def _module(module: Mapping[str, Any]) -> Iterator[Resource]:
    for one in module.get("resources", ()):
        if one.get("mode") != "managed":
            continue
        settings = one.get("values") or {}
        tags = settings.get("tags_all") or settings.get("tags") or {}
        yield Resource(one["type"], _name(one), settings, "", tags.get("component", ""), _places(tags.get("spec", "")))
    for child in module.get("child_modules", ()):
        yield from _module(child)


def _name(one: Mapping[str, Any]) -> str:
    """The name inside its module, with the key of a counted resource: `main[0]`."""
    return one["address"].partition(f"{one['type']}.")[2] or one["name"]


def _places(spec: str) -> tuple[Place, ...]:
    found = SPEC.fullmatch(spec)
    return (Place(found[1], int(found[2])),) if found else ()
