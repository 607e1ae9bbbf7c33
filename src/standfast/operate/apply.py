"""Bring a system up in a world, or make what stands there as the code says again."""

from __future__ import annotations

import time
from dataclasses import dataclass

from standfast.operate.drift import Change, changes_in
from standfast.operate.target import Step, emulator_of, planned
from standfast.spec import System
from standfast.workspace import Workspace


@dataclass(frozen=True)
class Applied:
    """What an apply did. `settled`: a second plan found nothing to change; `differs` names what it would change.

    `healed`: what had been changed behind one's back and is as the code says again; `notes`: the state things
    were found in; `seconds`: how long it all took; `terraform`: the version that did it.
    """

    system: str
    world: str
    region: str
    created: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    healed: tuple[Change, ...]
    taken: tuple[str, ...]
    notes: tuple[str, ...]
    differs: tuple[str, ...]
    resources: int
    seconds: float
    terraform: str

    @property
    def settled(self) -> bool:
        return not self.differs


def apply(system: System, space: Workspace, step: Step, say: Step) -> Applied:
    """Plan and write the code where needed, build it in the emulator, and check with a second plan.

    `step` is told of progress, `say` of what the user should read. Raises Problems; KeyboardInterrupt leaves a
    state from which the next call goes on.
    """
    began = time.monotonic()
    with space.locked("apply"):
        plan, blueprint = planned(system, space, say)
        emulator = emulator_of(space, blueprint, step)
        built = emulator.apply()
    healed = changes_in(built.plan, plan, blueprint) if built.was_settled else ()
    return Applied(
        system.name, emulator.name, blueprint.region, built.created, built.changed, built.removed, healed, built.strays,
        built.notes, built.differs, built.resources, time.monotonic() - began, built.terraform,
    )  # fmt: skip
