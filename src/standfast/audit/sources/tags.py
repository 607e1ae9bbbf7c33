"""Tags of a resource, whoever wrote them, and what they say of the spec."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from standfast.blueprint import Block
from standfast.problem import Place

SPEC = re.compile(r"(.+):(\d+)")


def tags_of(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tags of a resource with those its provider adds (labels on Google Cloud); of an autoscaling group, from its
    `tag` blocks."""
    for name in ("tags_all", "tags", "effective_labels", "labels"):
        found = settings.get(name)
        if isinstance(found, Mapping) and found:
            return found
    inner = settings.get("settings")  # of Cloud SQL, whose labels stand inside
    inner = inner[0] if isinstance(inner, list) and inner else inner
    inner = inner.settings if isinstance(inner, Block) else inner
    if isinstance(inner, Mapping) and isinstance(inner.get("user_labels"), Mapping):
        return inner["user_labels"]
    blocks = settings.get("tag")
    plain = [one.settings if isinstance(one, Block) else one for one in blocks] if isinstance(blocks, list) else []
    return {one.get("key", ""): one.get("value") for one in plain if isinstance(one, Mapping)}


def place_of(tags: Mapping[str, Any]) -> tuple[Place, ...]:
    """The line of the spec that the tag `spec` names."""
    found = SPEC.fullmatch(str(tags.get("spec") or ""))
    return (Place(found[1], int(found[2])),) if found else ()
