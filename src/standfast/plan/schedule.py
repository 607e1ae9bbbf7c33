"""How often `standfast backup` does what, from what was promised: pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from standfast.problem import Place, Problem, Problems
from standfast.spec import System
from standfast.spec.model import Store
from standfast.spec.quantity import show

DAY = 86_400.0
TOOLS = {"postgres": "pgBackRest", "objects": "restic"}
# An async copy that is due every half of the RPO is never older than it, if one attempt takes less than the other half.
SHARE = 0.5
SHORTEST_LOG = 5.0  # seconds: below this the server would mostly write empty files of the log
SHORTEST_FILES = 120.0  # seconds: a run over many files takes that long itself
LOOK = 0.2  # of the RPO: how old the figures may be that the alert of a stale backup reads
RESTORE_TEST = 7 * DAY  # a choice: weekly, so that a month never ends without one; shown as such
# What comes back from a backup: the other disruptions are what replicas are for.
FROM_BACKUP = ("corruption", "region")
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)  # minutes that divide a day


@dataclass(frozen=True)
class Timer:
    """One thing to do: `every` seconds, and the same as systemd and cron write it; times are of UTC.

    `words`: the action and its options; `command`: all that is typed.
    """

    name: str
    every: float
    calendar: str
    cron: str
    words: tuple[str, ...]
    command: str


@dataclass(frozen=True)
class Schedule:
    """`rpo`: seconds that may be lost, and the `place` that says so; None where nothing was promised.

    `log`: seconds after which the database's log is handed on even when its file is not full; None for files.
    """

    store: str
    tool: str
    rpo: float | None
    place: Place
    log: float | None
    timers: tuple[Timer, ...]


def schedule_of(system: System, store: Store, spec: str = "SPEC") -> Schedule:
    """The schedule of one store. Raises Problems for a store no tool is known for, or an RPO no backup can keep."""
    if store.kind not in TOOLS:
        why = f"backups are taken of {' and '.join(sorted(TOOLS))}"
        fix = "a cache is filled again; for MySQL use the backups of the cloud, or its own tool"
        raise Problems([Problem(f"{store.name} is {store.kind}: no backup", why, fix, store.where("kind"))])
    rpo, place = promised(system)
    database = store.kind == "postgres"
    least = SHORTEST_LOG if database else SHORTEST_FILES
    if rpo is not None and rpo * SHARE < least:
        why = f"a copy that is sent every {show(least, 's')} keeps {show(least / SHARE, 's')}"
        fix = f"promise rpo {show(least / SHARE, 's')} or more for it, and keep the rest by replicas"
        raise Problems([Problem(f"rpo {show(rpo, 's')} cannot be kept by a backup of {store.name}", why, fix, place)])
    every = DAY if rpo is None else rpo * SHARE
    log = max(least, min(every, 3600.0)) if database else None
    return Schedule(
        store.name, TOOLS[store.kind], rpo, place, log, tuple(_timers(store, system, every, database, spec))
    )


def delay(timer: Timer) -> float:
    """Seconds, at most, that a timer may come later by chance: so that not all machines begin at one moment. The
    figures for the alert must not."""
    return 0.0 if timer.name == "list" else min(timer.every / 10, 300.0)


def promised(system: System) -> tuple[float | None, Place]:
    """The shortest RPO that rests on backups, and the line that says so."""
    recovery = system.promises.reliability.recovery
    found = [(rpo, one) for one in FROM_BACKUP if one in recovery and (rpo := recovery[one].rpo) is not None]
    found = [(rpo, one) for rpo, one in found if rpo or one == "corruption"]  # losing nothing is for replicas
    if not found:
        return None, system.where("reliability")
    rpo, disruption = min(found)
    return rpo, system.where(f"reliability.recovery.{disruption}.rpo")


def _timers(store: Store, system: System, every: float, database: bool, spec: str) -> Iterator[Timer]:
    def timer(name: str, when: tuple[float, str, str], *words: str) -> Timer:
        action, *options = words
        options += [] if action == "list" else ["--wait"]  # two of them may well be due at once
        command = " ".join(["standfast backup", action, spec, "--store", store.name, *options])
        return Timer(name, *when, (action, *options), command)

    if database:  # the log in between is handed on all the time: base backups only bound how long a restore takes
        yield timer("run-full", _weekly(2), "run", "--full")
        yield timer("run", _every(min(max(every, 3600.0), DAY)), "run")
    else:
        yield timer("run", _every(min(max(every, SHORTEST_FILES), DAY)), "run")
    yield timer("prune", _daily(4), "prune")
    yield timer("verify", _daily(5), "verify")
    yield timer("restore-test", _weekly(6), "restore", "--test")
    yield timer("list", _every(min(max(every / SHARE * LOOK, 60.0), 3600.0)), "list")


def _every(seconds: float) -> tuple[float, str, str]:
    """The longest step that divides a day and is not longer than asked for."""
    minutes = max(step for step in STEPS if step * 60 <= seconds)
    if minutes < 60:
        return minutes * 60.0, f"*-*-* *:00/{minutes}:00 UTC", f"*/{minutes} * * * *"
    if minutes == 60:
        return 3600.0, "*-*-* *:00:00 UTC", "0 * * * *"
    hours = minutes // 60
    if hours == 24:
        return _daily(3)
    return minutes * 60.0, f"*-*-* 00/{hours}:00:00 UTC", f"0 */{hours} * * *"


def _daily(hour: int) -> tuple[float, str, str]:
    return DAY, f"*-*-* {hour:02}:30:00 UTC", f"30 {hour} * * *"


def _weekly(hour: int) -> tuple[float, str, str]:
    return 7 * DAY, f"Sun *-*-* {hour:02}:15:00 UTC", f"15 {hour} * * 0"
