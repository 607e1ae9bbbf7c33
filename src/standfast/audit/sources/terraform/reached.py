"""What names lead to: scopes, resources and modules one can reach into, and the steps `.name` and `[key]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from standfast.audit.reading import UNKNOWN, Written
from standfast.audit.sources.terraform.values import Cannot, Part, Unordered, kind_of, later, number, plain, text
from standfast.blueprint import Json, Ref

if TYPE_CHECKING:
    from standfast.audit.sources.terraform.instance import Instance


@dataclass(slots=True)
class Scope:
    """Where an expression is read: a module, and the names of loops, `each` and `count` around it."""

    module: Instance
    names: Mapping[str, Any]

    def inside(self, **more: Any) -> Scope:
        return Scope(self.module, {**self.names, **more})


class Reached:
    """What an expression can reach into by names: a resource, an instance of a module."""

    __slots__ = ()

    def get(self, name: str) -> Any:
        raise NotImplementedError

    def as_value(self) -> Any:
        return UNKNOWN


class Unsure(Reached):
    """One that stands for instances whose number is not known."""

    __slots__ = ("one",)

    def __init__(self, one: Reached):
        self.one = one

    def get(self, name: str) -> Any:
        return self.one.get(name)

    def as_value(self) -> Any:
        return UNKNOWN


def reach(of: Any, name: str) -> Any:
    """`of.name`"""
    if isinstance(of, Reached):
        return of.get(name)
    if isinstance(of, Written):
        inside = plain(of)
        if later(inside):
            return Ref(of.address, f"{of.attribute}.{name}")
        of = inside
    if isinstance(of, Ref):
        return Ref(of.address, f"{of.attribute}.{name}")
    if later(of):
        return UNKNOWN
    if isinstance(of, dict):
        if name in of:
            return of[name]
        if isinstance(of, Part):
            return UNKNOWN
        raise Cannot(f"there is no '{name[:60]}' in it")
    if isinstance(of, list) and name.isdigit():
        return at_index(of, int(name))
    raise Cannot(f"{kind_of(of)} has no '{name[:60]}'")


def at_index(of: Any, key: Any) -> Any:
    """`of[key]`"""
    if isinstance(of, Unsure):
        return of.one
    if isinstance(of, Reached):
        if isinstance(key, str):
            return of.get(key)
        if key == 0 or later(key):
            return of
        raise Cannot("it has no count, so no number leads into it")
    if isinstance(of, Written):
        inside = plain(of)
        of = Ref(of.address, of.attribute) if later(inside) else inside
    if isinstance(of, Ref):
        known = isinstance(key, (int, str)) and not isinstance(key, bool)
        return Ref(of.address, f'{of.attribute}["{key}"]' if isinstance(key, str) else f"{of.attribute}[{key}]") \
            if known else UNKNOWN  # fmt: skip
    if later(of) or later(key):
        return UNKNOWN
    if isinstance(of, dict):
        key = text(key)
        if key in of:
            return of[key]
        raise Cannot("a map has no such key")
    if isinstance(of, (list, tuple)) and not isinstance(of, Unordered):
        place = number(key)
        if isinstance(place, int) and 0 <= place < len(of):
            return of[place]
        raise Cannot(f"a list of {len(of)} has no such member")
    raise Cannot(f"{kind_of(of)} has no members")


# What resources are found by: stays a reference, even where the code says the value.
NAMES_KEPT = {
    "id", "arn", "name", "bucket", "identifier", "cluster_identifier", "key_id", "replication_group_id",
    "function_name", "table_name", "domain", "alias", "name_prefix", "bucket_prefix",
}  # fmt: skip


def settled(found: Any) -> Any:
    """A value as settings hold it: references to names stay, references to other values become those."""
    if isinstance(found, str) or found is None:
        return found
    if isinstance(found, Written):
        if found.attribute in NAMES_KEPT:
            return found
        inside = plain(found)
        return found if later(inside) else settled(inside)
    if isinstance(found, Reached):
        return found.as_value()
    if isinstance(found, dict):
        return {key: settled(one) for key, one in found.items()}
    if isinstance(found, list):
        return [settled(one) for one in found]
    if isinstance(found, Json):
        return Json(settled(found.document))
    return found
