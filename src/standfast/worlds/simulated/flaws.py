"""What is wrong with a simulated system, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SystemFlaws:
    """What is wrong with this world, for tests. `dead`: it does not come up; `unheard`: the damage does no damage;
    `idle`: steps of a runbook that say they went well, and do nothing; `on`: name of a call -> what it raises."""

    dead: bool = False
    unheard: bool = False
    idle: tuple[str, ...] = ()
    on: Mapping[str, BaseException] = field(default_factory=dict)
