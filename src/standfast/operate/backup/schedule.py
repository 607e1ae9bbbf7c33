"""How often, from what was promised: pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
RESTORE_TEST = 7 * DAY  # a choice: weekly, so that a month never ends without one; shown as such
# What comes back from a backup: the other disruptions are what replicas are for.
FROM_BACKUP = ("corruption", "region")
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)  # minutes that divide a day


@dataclass(frozen=True)
class Timer:
    """One thing to do: `every` seconds, and the same as systemd and cron write it."""

    name: str
    every: float
    calendar: str
    cron: str
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
    command = f"standfast backup {{}} {spec} --store {store.name}"
    if database:  # the log in between is handed on all the time: base backups only bound how long a restore takes
        yield _weekly("run-full", 2, command.format("run") + " --full")
        yield _every("run", min(max(every, 3600.0), DAY), command.format("run"))
    else:
        yield _every("run", min(max(every, SHORTEST_FILES), DAY), command.format("run"))
    yield _daily("prune", 4, command.format("prune"))
    yield _daily("verify", 5, command.format("verify"))
    yield _weekly("restore-test", 6, command.format("restore") + " --test")


def _every(name: str, seconds: float, command: str) -> Timer:
    """The longest step that divides a day and is not longer than asked for."""
    minutes = max(step for step in STEPS if step * 60 <= seconds)
    if minutes < 60:
        return Timer(name, minutes * 60.0, f"*-*-* *:00/{minutes}:00", f"*/{minutes} * * * *", command)
    if minutes == 60:
        return Timer(name, 3600.0, "*-*-* *:00:00", "0 * * * *", command)
    hours = minutes // 60
    if hours == 24:
        return _daily(name, 3, command)
    return Timer(name, minutes * 60.0, f"*-*-* 00/{hours}:00:00", f"0 */{hours} * * *", command)


def _daily(name: str, hour: int, command: str) -> Timer:
    return Timer(name, DAY, f"*-*-* {hour:02}:30:00", f"30 {hour} * * *", command)


def _weekly(name: str, hour: int, command: str) -> Timer:
    return Timer(name, 7 * DAY, f"Sun *-*-* {hour:02}:15:00", f"15 {hour} * * 0", command)


def systemd(system: str, schedules: Sequence[Schedule]) -> str:
    """A service and a timer for each thing to do, as one text: `# name` begins each file.

    `Persistent`: what was missed while the machine was off is made up for. The command runs by a shell, so that the
    folder it runs in finds `standfast` on its PATH.
    """
    parts = []
    for one in schedules:
        for timer in one.timers:
            name = f"{system}-backup-{one.store}-{timer.name}"
            what = f"{system}: backup {timer.name} of {one.store}"
            command = timer.command.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$")
            parts.append(
                f"# {name}.service\n[Unit]\nDescription={what}\n\n[Service]\nType=oneshot\n"
                f"WorkingDirectory=/etc/{system}\nEnvironmentFile=-/etc/{system}/backup.env\n"
                f"ExecStart=/usr/bin/env {command}\n\n"
                f"# {name}.timer\n[Unit]\nDescription={what}\n\n[Timer]\nOnCalendar={timer.calendar}\nPersistent=true\n"
                "RandomizedDelaySec=30\n\n[Install]\nWantedBy=timers.target\n"
            )
    return "\n".join(parts)


def cron(system: str, schedules: Sequence[Schedule]) -> str:
    """Lines of a crontab; a `%` would end the command there."""
    lines = [f"# {system}: backups. CRON_TZ is read by cronie; elsewhere the machine's zone counts.", "CRON_TZ=UTC"]
    for one in schedules:
        lines += [f"{timer.cron}\t{timer.command.replace('%', chr(92) + '%')}" for timer in one.timers]
    return "\n".join(lines) + "\n"
