"""What a plan leaves open until it is applied: a reference where the configuration names another resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from standfast.audit.reading import UNKNOWN
from standfast.blueprint import Ref

REFERENCE = re.compile(r"((?:data\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*)(\[[^\]]+\])?\.(.+)")
NOT_RESOURCES = ("var.", "local.", "module.", "each.", "count.", "path.", "terraform.", "self.")


def computed_of(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Address -> the attributes that are computed on apply, in the shape of the resource's values."""
    written = dict(_expressions(plan.get("configuration", {}).get("root_module", {}), ""))
    changes = plan.get("resource_changes") or ()
    instances: dict[str, list[str]] = {}
    for one in changes:
        instances.setdefault(_base(one), []).append(one["address"])
    found = {}
    for one in changes:
        unknown = one.get("change", {}).get("after_unknown")
        if unknown:
            scope = _Scope(one.get("module_address", ""), one.get("index"), instances)
            found[one["address"]] = scope.resolve(unknown, written.get(_base(one), {}))
    return found


def providers_of(plan: Mapping[str, Any]) -> dict[str, str]:
    """Address -> the alias of its provider, for those that do not use the default one."""
    return dict(_aliases(plan.get("configuration", {}).get("root_module", {}), ""))


def _aliases(module: Mapping[str, Any], inside: str) -> Iterator[tuple[str, str]]:
    prefix = f"{inside}." if inside else ""
    for one in module.get("resources") or ():
        alias = str(one.get("provider_config_key") or "").rpartition(":")[2].partition(".")[2]
        if alias:
            yield f"{prefix}{one['address']}", alias
    for name, call in (module.get("module_calls") or {}).items():
        yield from _aliases(call.get("module") or {}, f"{prefix}module.{name}")


def region_of(plan: Mapping[str, Any]) -> str:
    """The region the default provider is given, written out or by a variable; "" where it cannot be told."""
    configured = (plan.get("configuration", {}).get("provider_config") or {}).get("aws") or {}
    region = (configured.get("expressions") or {}).get("region") or {}
    if isinstance(region.get("constant_value"), str):
        return region["constant_value"]
    for name in region.get("references") or ():
        value = (plan.get("variables") or {}).get(name.removeprefix("var."), {}).get("value")
        if isinstance(value, str):
            return value
    return ""


def _base(change: Mapping[str, Any]) -> str:
    """The address without the index of the instance, as references in the configuration have it."""
    inside = f"{change['module_address']}." if change.get("module_address") else ""
    data = "data." if change.get("mode") == "data" else ""
    return f"{inside}{data}{change['type']}.{change['name']}"


def _expressions(module: Mapping[str, Any], inside: str) -> Iterator[tuple[str, Any]]:
    prefix = f"{inside}." if inside else ""
    for one in module.get("resources") or ():
        yield f"{prefix}{one['address']}", one.get("expressions") or {}
    for name, call in (module.get("module_calls") or {}).items():
        yield from _expressions(call.get("module") or {}, f"{prefix}module.{name}")


class _Scope:
    """Where a reference is read: the module, the instance's own index, and the instances there are."""

    def __init__(self, inside: str, index: Any, instances: Mapping[str, list[str]]):
        self.inside, self.index, self.instances = inside, index, instances

    def resolve(self, unknown: Any, written: Any) -> Any:
        """None for what is known."""
        if unknown is True:
            return self._value(written)
        if isinstance(unknown, Mapping):
            inside = written if isinstance(written, Mapping) else {}
            found = {key: self.resolve(one, inside.get(key)) for key, one in unknown.items()}
            found = {key: value for key, value in found.items() if value is not None}
            return found or None
        if isinstance(unknown, list):
            each = written if isinstance(written, list) else [written] * len(unknown)
            if len(each) != len(unknown):  # a dynamic block: which expression is whose cannot be told
                each = [None] * len(unknown)
            found = [self.resolve(one, other) for one, other in zip(unknown, each, strict=True)]
            return found if any(one is not None for one in found) else None
        return None

    def _value(self, written: Any) -> Any:
        names = written.get("references") if isinstance(written, Mapping) else None
        if not names or any(name.startswith(NOT_RESOURCES) and not name.startswith("each.") for name in names):
            return UNKNOWN
        found = [ref for name in names if (match := REFERENCE.fullmatch(name)) for ref in self._refs(*match.groups())]
        return (found[0] if len(found) == 1 else found) if found else UNKNOWN

    def _refs(self, address: str, index: str | None, attribute: str) -> list[Ref]:
        base = f"{self.inside}.{address}" if self.inside else address
        if index:
            return [Ref(base + index, attribute)]
        several = self.instances.get(base, [base])
        own = f'["{self.index}"]' if isinstance(self.index, str) else f"[{self.index}]"
        same = [one for one in several if one == base + own]
        return [Ref(one, attribute) for one in same or several]
