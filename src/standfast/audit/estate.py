"""The estate: all resources of a system, and what hangs on what, the same for planned and for deployed ones.

What is planned refers to another resource by its address, what is deployed by id, ARN or name. `target` and
`linked` answer for both, so that a check need not know which it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from standfast.audit.reading import LATER, UNKNOWN, items, references
from standfast.blueprint import Join, Ref, Resource
from standfast.problem import NOWHERE, Place

if TYPE_CHECKING:
    from standfast.spec import System

# What others call a deployed resource by, besides its id.
NAMES = (
    "id", "arn", "name", "bucket", "key_id", "identifier", "certificate_arn", "rest_api_id", "dns_name",
    "bucket_regional_domain_name", "bucket_domain_name", "replication_group_id", "cluster_identifier",
)  # fmt: skip


@dataclass(frozen=True)
class Estate:
    """`system` None: nobody said what is wanted, so checks against the spec cannot tell. `planned`: not yet built."""

    system: System | None
    resources: Sequence[Resource]
    region: str = ""
    planned: bool = True

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these kinds that are created, not looked up."""
        return [one for kind in kinds for one in self._by_kind.get(kind, ()) if not one.data]

    def target(self, value: Any, *kinds: str) -> Resource | None:
        """The resource a value refers to, if it is among the resources and of one of these kinds."""
        if isinstance(value, Ref):
            found = self._by_address.get(value.address) or self._by_address.get(value.address.partition("[")[0])
            return found if found is not None and (not kinds or found.kind in kinds) else None
        if isinstance(value, Join):
            inside = [self.target(one, *kinds) for one in references(value)]
            return next((one for one in inside if one is not None), None)
        if not isinstance(value, str) or not value:
            return None
        for kind in kinds:
            found = self._by_name.get((kind, value)) or self._by_name.get((kind, value.rpartition("/")[2]))
            if found is not None:
                return found
        return None

    def targets(self, owner: Any, path: str, *kinds: str) -> list[Resource]:
        """The resources that a setting (one value or a list) refers to."""
        return [found for one in items(owner, path) if (found := self.target(one, *kinds)) is not None]

    def linked(self, kind: str, path: str, to: Resource) -> list[Resource]:
        """The resources of a kind whose setting refers to this one: the versioning of a bucket.

        One that may not be there at all (its `count` is not known) says nothing for certain.
        """
        key = (kind, path, to.kind)
        if key not in self._links:
            links: dict[str, list[Resource]] = {}
            for one in self.of(kind):
                for address in dict.fromkeys(found.address for found in self.targets(one, path, to.kind)):
                    links.setdefault(address, []).append(_perhaps(one, path))
            self._links[key] = links
        return list(self._links[key].get(to.address, ()))

    def absent(self, kind: str, path: str) -> bool | None:
        """When nothing of a kind is `linked`: False, there is none; None, where one of them cannot be resolved yet."""
        if (kind, path) not in self._absent:
            values = (value for one in self.of(kind) for value in items(one, path))
            open_ended = any(isinstance(one, LATER) and (one is UNKNOWN or self.target(one) is None) for one in values)
            self._absent[kind, path] = None if open_ended else False
        return self._absent[kind, path]

    def where(self, path: str) -> Place:
        """The line of the spec that asked for a promise or rule."""
        return self.system.where(path) if self.system else NOWHERE

    def store(self, component: str) -> Any:
        """The store of the spec with this name, or None."""
        stores = self.system.stores if self.system else ()
        return next((one for one in stores if one.name == component), None)

    @cached_property
    def _links(self) -> dict[tuple[str, str, str], dict[str, list[Resource]]]:
        return {}

    @cached_property
    def _absent(self) -> dict[tuple[str, str], bool | None]:
        return {}

    @cached_property
    def _by_kind(self) -> dict[str, list[Resource]]:
        kinds: dict[str, list[Resource]] = {}
        for one in self.resources:
            kinds.setdefault(one.kind, []).append(one)
        return kinds

    @cached_property
    def _by_address(self) -> dict[str, Resource]:
        return {one.address: one for one in self.resources}

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Resource]:
        names: dict[tuple[str, str], Resource] = {}
        for one in self.resources:
            for key in NAMES:
                value = one.settings.get(key)
                if isinstance(value, str) and value:
                    names.setdefault((one.kind, value), one)
        return names


def _perhaps(one: Resource, path: str) -> Resource:
    """The resource; with nothing but its link known where it may not be there."""
    if one.settings.get("count") is not UNKNOWN:
        return one
    kept = path.partition(".")[0]
    settings = {key: value if key == kept else UNKNOWN for key, value in one.settings.items()}
    return replace(one, settings=settings)
