"""The containers that a task definition of ECS names, whoever wrote it: JSON text, or our own document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.audit.reading import UNKNOWN, document


def containers(value: Any) -> Any:
    """The mappings of `container_definitions`; UNKNOWN where they are decided when it is applied."""
    found = document({"value": value}, "value")
    if found is None:
        return []
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else UNKNOWN
