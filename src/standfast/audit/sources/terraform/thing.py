"""One resource as expressions reach into it: what its code says is known, what the cloud says is a reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from standfast.audit.reading import UNKNOWN, Written
from standfast.audit.sources.terraform.bodies import META, block_list
from standfast.audit.sources.terraform.code import Declared, Key
from standfast.audit.sources.terraform.evaluate import value
from standfast.audit.sources.terraform.policies import DOCUMENT, policy_document
from standfast.audit.sources.terraform.reached import Reached, Scope, Unsure
from standfast.blueprint import Ref

if TYPE_CHECKING:
    from standfast.audit.sources.terraform.instance import Instance


class Thing(Reached):
    """One resource, or one of its instances."""

    __slots__ = ("address", "declared", "index", "key", "module", "names", "unsure")

    def __init__(self, module: Instance, key: Key, declared: Declared, index: Any, names: dict[str, Any], unsure: bool):
        self.module, self.key, self.declared, self.index, self.names = module, key, declared, index, names
        self.unsure = unsure  # whether it will be there at all, or how often
        inside = f"{module.address}." if module.address else ""
        self.address = f"{inside}{'data.' if key[0] else ''}{key[1]}.{key[2]}{shown_index(index)}"

    @property
    def scope(self) -> Scope:
        return Scope(self.module, self.names)

    def get(self, name: str) -> Any:
        body = self.declared.body
        if self.key[1] == DOCUMENT and name in ("json", "minified_json"):
            return self._lazily(name, lambda: policy_document(body, self.scope, self.declared.source))
        if name in META:
            return UNKNOWN
        if name in body.sets:
            said = body.sets[name]
            return Written(self.address, name, told=lambda: self._lazily(name, lambda: value(said.value, self.scope)))
        if any(one.kind == name or one.labels[:1] == (name,) for one in body.sections):
            told = lambda: self._lazily(name, lambda: block_list(body, name, self.scope, self.declared.source))  # noqa: E731
            return Written(self.address, name, told=told)
        return Ref(self.address, name)

    def _lazily(self, name: str, work: Callable[[], Any]) -> Any:
        at = self.declared.body.sets[name].at if name in self.declared.body.sets else self.declared.what.at
        return self.module.lazily((self.address, name), f"{self.address}.{name}", self.declared, at, work)

    def as_value(self) -> Any:
        return Ref(self.address, "id")


def shown_index(index: Any) -> str:
    return "" if index is None else f'["{index}"]' if isinstance(index, str) else f"[{index}]"


def each_of(found: Any) -> Iterator[Any]:
    if isinstance(found, Unsure):
        yield found.one
    elif isinstance(found, dict):
        yield from found.values()
    elif isinstance(found, list):
        yield from found
    elif isinstance(found, Reached):
        yield found
