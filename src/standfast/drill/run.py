"""The frame of every drill: steady? -> break -> observe -> heal, always -> judge what was recorded."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Generator, Mapping
from types import ModuleType
from typing import Any

from standfast.drill.history import Recorder
from standfast.drill.settings import Settings
from standfast.problem import Problem, Problems
from standfast.worlds.database import Database, Shape

STEADY_WITHIN = 5.0  # seconds that a world has, once built, to become steady


def perform(drill: ModuleType, world: Database, shape: Shape, recorder: Recorder, settings: Settings) -> list[Problem]:
    """Run one drill and write its history. What went wrong on the way is returned; the judge says unknown then.

    Whatever happens, also Ctrl-C, the world is healed and cleared. Raises Problems where it cannot be built.
    """
    record = recorder.record
    world.hear = record
    problems: list[Problem] = []
    try:
        record(
            "began", drill=drill.NAME, world=world.name, when=settings.when, evidence=settings.evidence,
            store=settings.store, design=settings.design, zones=settings.zones, standby=shape.standby,
            synchronous=shape.standby and shape.synchronous, archive=shape.archive, gib=round(shape.gib, 6),
        )  # fmt: skip
        world.build()
        seen, why = _steady(world, shape)
        record("versions", **seen["versions"])
        if why:
            record("unsteady", why=why)
            return problems
        problems += _stopped(lambda: drill.run(world, recorder, settings), recorder)
    except KeyboardInterrupt:
        with contextlib.suppress(Problems):
            record("interrupted")
        raise
    finally:
        with undisturbed():
            problems += _put_right(world, recorder)
    record("ended")
    return problems


def _steady(world: Database, shape: Shape) -> tuple[Mapping[str, Any], str]:
    """What stands, and why it is not fit to be broken; "" when it is."""
    end = world.now() + STEADY_WITHIN
    while True:
        seen = world.observe()
        why = ""
        if seen["writable"] != ["primary"]:
            others = [name for name in seen["writable"] if name != "primary"]
            why = f"{' and '.join(others)} accept writes too" if others else "the primary does not accept writes"
        elif shape.standby and not seen["streams"]:
            why = "the standby does not follow the primary"
        elif shape.standby and shape.synchronous and not seen["synchronous"]:
            why = "commits do not wait for the standby"
        if not why or world.now() >= end:
            return seen, why
        world.wait(0.1)


def _stopped(work: Callable[[], None], recorder: Recorder) -> list[Problem]:
    """Do the work. Problems on the way end it, and are written down: the judge must see that it was not finished."""
    try:
        work()
    except Problems as problems:
        with contextlib.suppress(Problems):  # it may be the history that could not be written
            recorder.record("stopped", why=problems.problems[0].what)
        return list(problems.problems)
    return []


def _put_right(world: Database, recorder: Recorder) -> list[Problem]:
    """Heal and clear, each even if what stands before it failed."""
    problems: list[Problem] = []

    def told(what: str, **facts: Any) -> None:
        with contextlib.suppress(Problems):
            recorder.record(what, **facts)

    told("healing")
    try:
        try:
            world.stop_writing()
        finally:
            world.heal()
        told("healed", writable=world.observe()["writable"])
    except Problems as failure:
        told("not_healed", why=failure.problems[0].what)
        problems += failure.problems
    finally:
        try:
            world.clear()
        except Problems as failure:
            problems += failure.problems
    return problems


@contextlib.contextmanager
def undisturbed() -> Generator[None]:
    """Hold Ctrl-C and a request to end back until the work is done; then let it take effect."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = {
        number: signal.signal(number, lambda got, _: held.append(got)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if held:
        raise KeyboardInterrupt
