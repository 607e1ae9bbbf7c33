"""Take a system down and leave nothing."""

from __future__ import annotations

from dataclasses import dataclass

from standfast.operate.target import Step
from standfast.spec import System
from standfast.workspace import Workspace
from standfast.worlds.emulator import STANDBY, Emulator


@dataclass(frozen=True)
class Destroyed:
    """`done`: what was done, in sentences; empty where there was nothing to take down."""

    system: str
    world: str
    done: tuple[str, ...]


def destroy(system: System, space: Workspace, step: Step) -> Destroyed:
    """Destroy what stands in the emulator, ask it whether anything is left, stop it, remove its folder.

    Raises Problems; after an interruption the next call goes on.
    """
    emulator, standby = Emulator.of(space, step=step), Emulator.of(space, STANDBY, step=step)
    if not emulator.folder.exists():
        return Destroyed(system.name, emulator.name, ())
    with space.locked("destroy"):
        done = [f"{STANDBY}: {one}" for one in standby.destroy()]
        done += emulator.destroy(*({standby.region} if done else ()))
    return Destroyed(system.name, emulator.name, tuple(done))
