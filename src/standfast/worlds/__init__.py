"""WHERE IT RUNS: one seam for every place a system can stand. Worlds execute and observe; they judge nothing.

`emulator` is the AWS API on this machine, driven by the real Terraform. `lab` is the planned shape with real
programs. `simulated` is in memory, for tests of drills. A world is a module with a class that has these five:
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Fault:
    """One thing to break: `kill_primary`, `drop_table`, `open_firewall` … and what it needs to know."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)


class World(Protocol):
    """One place a system runs in. Every call may raise Problems; `heal` and `clear` may be called at any time."""

    name: str

    def build(self) -> None:
        """Bring the system up, or go on where an interrupted build stopped."""

    def observe(self) -> Mapping[str, Any]:
        """What stands and runs now, as plain data."""

    def break_(self, fault: Fault) -> None:
        """Do the damage. Raises Problems for a fault this world cannot make."""

    def heal(self) -> None:
        """Undo every damage. Safe to call twice, and when nothing is broken."""

    def clear(self) -> None:
        """Take everything down that this world started, and nothing else."""
