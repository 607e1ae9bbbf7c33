"""What runbooks are written from."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from standfast.blueprint import Blueprint
from standfast.plan import Plan
from standfast.plan.reasons.explanation import Explained
from standfast.spec.model import PRODUCTION, Service, Store, System


@dataclass(frozen=True)
class Known:
    """`explained` by component; what it does not hold is left out."""

    plan: Plan
    blueprints: tuple[Blueprint, ...]
    explained: Mapping[str, Explained]

    @property
    def system(self) -> System:
        return self.plan.system

    @property
    def again(self) -> str:
        """How the commands of Standfast name this system: the file, and its environment."""
        environment = "" if self.system.environment == PRODUCTION else f" --environment {self.system.environment}"
        return f"{shlex.quote(self.system.place.file)}{environment}"

    @cached_property
    def parts(self) -> Mapping[str, Service | Store]:
        """The components of the spec, by name."""
        return {part.name: part for part in (*self.system.services, *self.system.stores)}
