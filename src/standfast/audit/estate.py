"""The estate: all resources with the questions checks ask of them, the same for planned and for deployed ones.

Planned resources hold references and nested blocks; deployed ones hold ids and lists of mappings. A check asks
`values(resource, "rule.apply.algorithm")` and `targets(resource, "security_groups")` and need not know which.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from standfast.blueprint import Block, Join, Json, Ref, Resource, Var
from standfast.problem import NOWHERE, Place
from standfast.promise import Verdict
from standfast.spec import System


class Unknown:
    """A value that is decided only when it is applied."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Check:
    """What a check is called. `kinds`: the resources it looks at. `fix`: what puts its findings right."""

    id: str
    title: str
    severity: str  # critical | high | medium | low
    kinds: tuple[str, ...]
    fix: str


@dataclass(frozen=True)
class Finding:
    """What one check says of one resource. `what` and `fix` are empty where it is kept."""

    check: str
    verdict: Verdict
    resource: str
    component: str
    place: Place
    what: str = ""
    fix: str = ""
    severity: str = ""
    title: str = ""


@dataclass(frozen=True)
class Estate:
    """`planned`: the resources come from our blueprint, else from what is deployed."""

    system: System
    resources: Sequence[Resource]
    region: str
    planned: bool = True

    def of(self, *kinds: str) -> Iterator[Resource]:
        return (one for kind in kinds for one in self._by_kind.get(kind, ()) if not one.data)

    def values(self, resource: Resource, path: str) -> list[Any]:
        """Every value at a dotted path, through blocks and lists; empty where it is not set."""
        found: list[Any] = [resource.settings]
        for key in path.split("."):
            found = [child for one in found for child in _into(one, key)]
        return [value for value in found if value is not None]

    def value(self, resource: Resource, path: str, default: Any = None) -> Any:
        """The first value at a path, a reference or variable as UNKNOWN; else `default`."""
        found = self.values(resource, path)
        if not found:
            return default
        return UNKNOWN if isinstance(found[0], (Ref, Var, Join)) else found[0]

    def targets(self, resource: Resource, path: str) -> set[str]:
        """Addresses of the resources that a setting refers to."""
        found = set()
        for value in _flat(self.values(resource, path)):
            if isinstance(value, Ref):
                found.add(value.address)
            elif isinstance(value, str) and (owner := self._by_id.get(value)):
                found.add(owner)
        return found

    def referring(self, kind: str, path: str, target: Resource) -> list[Resource]:
        """Resources of a kind whose setting refers to `target`: the versioning of a bucket."""
        return [one for one in self.of(kind) if target.address in self.targets(one, path)]

    def documents(self, resource: Resource, path: str) -> list[Any]:
        """JSON documents at a path, as plain data; references inside stay as they are."""
        found = []
        for value in self.values(resource, path):
            if isinstance(value, Json):
                found.append(value.document)
            elif isinstance(value, str):
                try:
                    found.append(json.loads(value))
                except ValueError:
                    found.append(UNKNOWN)
        return found

    def finding(self, check: Check, resource: Resource, wrong: str = "", *, unknown: bool = False) -> Finding:
        """Kept when `wrong` is empty; unknown when the check could not see."""
        verdict: Verdict = "unknown" if unknown else "broken" if wrong else "kept"
        place, fix = resource.places[0] if resource.places else NOWHERE, check.fix if verdict != "kept" else ""
        return Finding(
            check.id, verdict, resource.address, resource.component, place, wrong, fix, check.severity, check.title
        )

    def expected(self, check: Check, wanted: Mapping[str, tuple[str, Any, str]]) -> Iterator[Finding]:
        """The plain kind of check: a setting of each resource must have one value.

        `wanted`: kind -> path, the value, what is said of any other. An absent setting is another value.
        """
        for one in self.of(*check.kinds):
            path, right, said = wanted[one.kind]
            found = [UNKNOWN if isinstance(value, (Ref, Var, Join)) else value for value in self.values(one, path)]
            unknown = any(value is UNKNOWN for value in found)
            good = bool(found) and all(_same(value, right) for value in found)
            yield self.finding(check, one, "" if good or unknown else said, unknown=unknown)

    @cached_property
    def _by_kind(self) -> dict[str, list[Resource]]:
        kinds: dict[str, list[Resource]] = {}
        for one in self.resources:
            kinds.setdefault(one.kind, []).append(one)
        return kinds

    @cached_property
    def _by_id(self) -> dict[str, str]:
        """What deployed resources are called by others: id, arn, name, the bucket's name."""
        owners: dict[str, str] = {}
        for one in self.resources:
            for key in ("id", "arn", "name", "bucket"):
                value = one.settings.get(key)
                if isinstance(value, str) and value:
                    owners.setdefault(value, one.address)
        return owners


def _same(value: Any, right: Any) -> bool:
    """Providers write some flags as text: "true" is true."""
    return value == right or str(value).lower() == str(right).lower()


def _into(value: Any, key: str) -> list[Any]:
    if isinstance(value, Block):
        value = value.settings
    if isinstance(value, Mapping):
        return [value[key]] if key in value else []
    if isinstance(value, (list, tuple)):
        return [child for one in value for child in _into(one, key)]
    return []


def _flat(values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, (list, tuple, set, frozenset)):
            yield from _flat(list(value))
        else:
            yield value
