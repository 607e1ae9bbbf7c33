"""What the caches and object stores of the simulated system hold, and what is kept of it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from standfast.worlds.database import NotRecovered

KNOWN = {"drill:1": "one", "drill:2": "two", "drill:3": "three"}


@dataclass
class Shelves:
    """By component: name -> digest. `keeps`: whether there are versions, and copies; `kept`: they, `since` when."""

    keeps: bool = True
    held: dict[str, dict[str, str]] = field(default_factory=dict)
    kept: dict[str, dict[str, str]] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)

    def fill(self, component: str, now: float) -> None:
        self.held[component], self.kept[component], self.since[component] = dict(KNOWN), dict(KNOWN), now

    def contents(self, component: str) -> Mapping[str, str]:
        return dict(self.held.get(component, {}))

    def ruin(self, component: str) -> None:
        self.held[component] = {"drill:1": "wrong", "drill:3": "three"}

    def restore(self, component: str) -> None:
        if not self.keeps:
            raise NotRecovered(f"nothing is kept of {component}")
        self.held[component] = dict(self.kept[component])

    def restore_versions(self, component: str, moment: str) -> None:
        """The versions of a moment: there are none from before the first."""
        self.restore(component)
        if float(moment) < self.since[component]:
            self.held[component] = {}

    def empty_cache(self, component: str) -> None:
        self.held[component] = {}
