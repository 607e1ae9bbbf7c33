"""What must not be kept, by the data classes of the spec: the masks that are written for production, carried out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from standfast.plan import Plan
from standfast.watch.masks import MASKED, masks
from standfast.watch.private import blocked_keys, blocked_values


def masks_config(plan: Plan) -> dict[str, Any]:
    """As plain data: of lines [pattern, keeps its first group, quoted]; of attributes the keys and values to mask."""
    return {
        "lines": [[one.pattern, one.keeps, one.quoted] for one in masks(plan)],
        "keys": blocked_keys(plan),
        "values": blocked_values(plan),
    }


class Masking:
    def __init__(self, config: Mapping[str, Any]):
        self.lines = [
            (re.compile(pattern), (r"\1" if keeps else "") + (f'"{MASKED}"' if quoted else MASKED))
            for pattern, keeps, quoted in config["lines"]
        ]
        self.keys = [re.compile(one) for one in config["keys"]]
        self.values = [re.compile(one) for one in config["values"]]

    def line(self, text: str) -> str:
        for pattern, instead in self.lines:
            text = pattern.sub(instead, text)
        return text

    def attributes(self, given: Iterable[tuple[str, str]]) -> dict[str, str]:
        found = {}
        for key, value in given:
            if any(one.search(key) for one in self.keys):
                value = MASKED
            for one in self.values:
                value = one.sub(MASKED, value)
            found[key] = value
        return found
