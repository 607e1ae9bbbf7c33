"""What things are called in the cloud, read from the blueprint: what a person types at three in the morning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from standfast.blueprint import Blueprint, Join, Ref, Resource, Var
from standfast.runbook.known import Known

# The attributes that name a resource in its cloud, the first that is there.
NAMES = ("identifier", "replication_group_id", "alarm_name", "bucket", "cluster_identifier", "name", "display_name")


@dataclass(frozen=True)
class Named:
    """A resource as people know it; `name` may hold words that begin with `$`, for what is known in the cloud alone."""

    address: str
    kind: str
    component: str
    name: str
    why: str
    region: str
    settings: Mapping[str, Any]


def standing(known: Known, component: str = "") -> Iterator[Named]:
    """The resources with a name of the cloud's own, of all sites; of one component or of all."""
    for blueprint in known.blueprints:
        for one in blueprint.resources:
            if one.data or component not in ("", one.component):
                continue
            name = spelt(one.settings, blueprint)
            if name:
                yield Named(one.address, one.kind, one.component, name, one.why, _region(one, blueprint), one.settings)


def spelt(settings: Mapping[str, Any], blueprint: Blueprint, keys: tuple[str, ...] = NAMES) -> str:
    """The name as a shell would have it; "" where the cloud makes it up."""
    for key in keys:
        value = settings.get(key)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, Join):
            return "".join(part if isinstance(part, str) else _word(part, blueprint) for part in value.parts)
    return ""


def _word(part: Ref | Var, blueprint: Blueprint) -> str:
    if isinstance(part, Var):
        default = next((one.default for one in blueprint.variables if one.name == part.name), None)
        return default if isinstance(default, str) else f"${part.name.upper()}"
    word = "ACCOUNT" if part.attribute == "account_id" else re.sub(r"\W+", "_", f"{part.address}_{part.attribute}")
    return f"${word.upper()}"


def _region(one: Resource, blueprint: Blueprint) -> str:
    return one.provider.replace("_", "-") if one.provider else blueprint.region
