"""What the words of a Terraform provider are called in Pulumi's SDK: a spelling rule, and tables for the rest.

The tables are written by `scripts/regen_pulumi.py` from the SDK's own metadata, and say the type of everything:

    s i f b ?        text, whole number, number, truth value, anything
    [x {x            a list of x, a map of x
    ec2.XArgs        an object, by the path of its class in the SDK
    !ec2.X           one of the values of an enumeration, where the SDK's types take no text for it
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from standfast.blueprint.model import Ref


@dataclass(frozen=True)
class Shape:
    """A class, or a look-up: its path in the SDK, what it takes and must be given, and what it gives."""

    path: str
    takes: Mapping[str, str]
    needs: tuple[str, ...]
    gives: Mapping[str, str]
    renamed: Mapping[str, str]  # words of Terraform that no rule leads to
    split: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # an id there, several attributes here

    def argument(self, name: str) -> str | None:
        return spelled(self.renamed.get(name, name), self.takes)

    def attribute(self, name: str) -> str | None:
        return spelled(self.renamed.get(name, name), self.gives)


@dataclass(frozen=True, eq=False)
class Words:
    sdk: str  # "pulumi-aws 7.51.1"
    table: Mapping[str, Any]

    def resource(self, kind: str) -> Shape | None:
        return _shape(self, "resources", kind)

    def lookup(self, kind: str) -> Shape | None:
        return _shape(self, "lookups", kind)

    def inside(self, path: str) -> Shape:
        """The class of an object inside a resource. KeyError: the tables are older than the blueprint."""
        row = self.table["types"][path]
        return Shape(path, row["takes"], tuple(row.get("needs", ())), row["takes"], row.get("renamed", {}))

    def member(self, code: str, value: Any) -> str | None:
        """The name of a value in an enumeration; None where it has no such value."""
        return self.table["types"][code]["values"].get(value)


@lru_cache
def words(cloud: str) -> Words:
    """The words of a cloud. FileNotFoundError for a cloud without a table."""
    table = json.loads(files("standfast.code.pulumi").joinpath(f"tables/{cloud}.json").read_text(encoding="utf-8"))
    return Words(table["sdk"], table)


def parted(settings: Mapping[str, Any], split: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Settings in which an id that the SDK does not take is told by attributes of the resource whose id it is."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        if key in split and isinstance(value, Ref):
            found |= {name: replace(value, attribute=attribute) for name, attribute in split[key].items()}
        else:
            found[key] = value
    return found


def spelled(name: str, known: Mapping[str, str]) -> str | None:
    """A word of Terraform as the SDK spells it: the same; in the plural, where a block repeats; or set apart from a
    word of Python's own."""
    if name in known:
        return name
    return next((one for one in _spellings(name) if one in known), None)


def _spellings(name: str) -> Iterator[str]:
    yield f"{name}_"
    yield f"{name}s"
    yield f"{name}es"
    if name.endswith("y"):
        yield f"{name[:-1]}ies"
    yield name.removesuffix("s")  # a block that Terraform names in the plural and the bridge takes once


@lru_cache(maxsize=1000)
def _shape(words: Words, table: str, kind: str) -> Shape | None:
    row = words.table[table].get(kind)
    if row is None:
        return None
    renamed, split = row.get("renamed", {}), row.get("split", {})
    path = row["class" if table == "resources" else "function"]
    return Shape(path, row["takes"], tuple(row.get("needs", ())), row["gives"], renamed, split)
