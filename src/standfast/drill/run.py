"""The frame of every drill: steady? -> break -> observe -> heal, always -> judge what was recorded."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict
from types import ModuleType
from typing import Any

from standfast.drill import alerts
from standfast.drill.following import record_runbook
from standfast.drill.history import Recorder
from standfast.drill.settings import Settings
from standfast.problem import Problem, Problems
from standfast.worlds.database import Shape
from standfast.worlds.system import SystemShape

STEADY_WITHIN = 5.0  # seconds that a world has, once built, to become steady


def perform(
    drill: ModuleType, world: Any, shape: Shape | SystemShape | None, recorder: Recorder, settings: Settings
) -> list[Problem]:
    """Run one drill and write its history. What went wrong on the way is returned; the judge says unknown then.

    Whatever happens, also Ctrl-C, the world is healed and cleared. Raises Problems where it cannot be built.
    """
    record = recorder.record
    world.hear = _on_the_drills_clock(recorder)
    problems: list[Problem] = []
    try:
        record(
            "began", drill=drill.NAME, world=world.name, when=settings.when, evidence=settings.evidence,
            store=settings.store, design=settings.design, zones=settings.zones, **_facts(shape),
        )  # fmt: skip
        record_runbook(recorder, drill.RUNBOOK, settings.runbook)
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
        with undisturbed() as asked:
            problems += _put_right(world, recorder, lambda: bool(asked))
    try:
        record("ended")
    except Problems as unwritten:  # what was seen until then stays
        problems += [one for one in unwritten.problems if one not in problems]
    return problems


def _facts(shape: Shape | SystemShape | None) -> dict[str, Any]:
    """What is built, as the history keeps it."""
    if isinstance(shape, Shape):
        return {
            "standby": shape.standby, "synchronous": shape.standby and shape.synchronous, "archive": shape.archive,
            "gib": round(shape.gib, 6),
        }  # fmt: skip
    if shape is None:
        return {"gib": 0.0}
    return {
        "gib": 0.0, "carries": shape.carries, "hosts": [asdict(one) for one in shape.hosts],
        "remedies": asdict(shape.remedies),
    }  # fmt: skip


def _on_the_drills_clock(recorder: Recorder) -> Callable[..., None]:
    """Some things are told with the world's own time; the history counts from the beginning of the drill."""

    def hear(what: str, **facts: Any) -> None:
        if what == "requests":
            facts["sent"] = [
                [round(due - recorder.began, 4), round(took, 4), status] for due, took, status in facts["sent"]
            ]
        if "happened" in facts:
            facts["at"] = round(facts.pop("happened") - recorder.began, 6)
        recorder.record(what, **facts)

    return hear


def _steady(world: Any, shape: Shape | SystemShape | None) -> tuple[Mapping[str, Any], str]:
    """What stands, and why it is not fit to be broken; "" when it is."""
    end = world.now() + STEADY_WITHIN
    while True:
        seen = world.observe()
        why = ""
        if not isinstance(shape, Shape):
            why = "" if seen["well"] else seen["why"]
        elif seen["writable"] != ["primary"]:
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


def _put_right(world: Any, recorder: Recorder, enough: Callable[[], bool]) -> list[Problem]:
    """Heal and clear, each even if what stands before it failed; between them, see the alerts end. `enough`: whether
    somebody asked meanwhile that all of it ends."""
    problems: list[Problem] = []

    def told(what: str, **facts: Any) -> None:
        with contextlib.suppress(Problems):
            recorder.record(what, **facts)

    hear = world.hear

    def quietly(what: str, **facts: Any) -> None:  # a full disk keeps nobody from healing
        with contextlib.suppress(Problems):
            hear(what, **facts)

    world.hear = quietly
    told("healing")
    try:
        try:
            for stop in ("stop_load", "stop_writing"):
                getattr(world, stop, lambda: None)()
        finally:
            world.heal()
        told("healed", writable=world.observe()["writable"])
        alerts.wait_ended(world, recorder, enough)
    except Problems as failure:
        told("not_healed", why=failure.problems[0].what)
        problems += failure.problems
    finally:
        try:
            world.clear()
        except Problems as failure:
            told("not_cleared", why=failure.problems[0].what)
            problems += failure.problems
    return problems


@contextlib.contextmanager
def undisturbed() -> Generator[list[int]]:
    """Hold Ctrl-C and a request to end back until the work is done; then let it take effect. What was held back."""
    held: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield held
        return
    before = {
        number: signal.signal(number, lambda got, _: held.append(got)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield held
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if held:
        raise KeyboardInterrupt
