"""Bring a system up in a world, or make what stands there as the code says again."""

from __future__ import annotations

import time
from dataclasses import dataclass

from standfast.operate.drift import Change, changes_in
from standfast.operate.target import Step, emulator_of, in_emulator, planned
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
        plan, blueprints = planned(system, space, say)
        built = {}
        for site in in_emulator(blueprints):
            emulator = emulator_of(space, site, step)
            built[site.site] = emulator.apply(), site

    def all_of(what: str) -> tuple[str, ...]:
        found = ((site, one) for site, (done, _) in built.items() for one in getattr(done, what))
        return tuple(f"{site}/{one}" if site else one for site, one in found)

    healed = [
        change for done, site in built.values() if done.was_settled for change in changes_in(done.plan, plan, site)
    ]
    first = next(iter(built.values()))[0]
    return Applied(
        system.name, emulator.name, ", ".join(site.region for _, site in built.values()), all_of("created"),
        all_of("changed"), all_of("removed"), tuple(healed), all_of("strays"), all_of("notes"), all_of("differs"),
        sum(done.resources for done, _ in built.values()), time.monotonic() - began, first.terraform,
    )  # fmt: skip
