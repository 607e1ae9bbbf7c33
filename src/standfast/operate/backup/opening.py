"""What a run works on: one store of the system, its tool, its two places; held so that no two change it at once."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from standfast.operate.backup.room import Room, named_stores, remember, remembered_data, state_folder
from standfast.operate.backup.target import Database, database_of, files_of
from standfast.operate.backup.tools.pgbackrest import PgBackRest, knows
from standfast.operate.backup.tools.restic import Restic
from standfast.plan.schedule import Schedule, schedule_of
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.spec import System
from standfast.spec.model import Store
from standfast.workspace import Ledger, Workspace
from standfast.worlds.lab.binaries import User, unprivileged
from standfast.worlds.lab.processes import Owned


@dataclass(frozen=True)
class Asked:
    """What a person gave: addresses of the two stores, the data's own folder, PostgreSQL's programs."""

    spec: str
    near: str | None = None
    offsite: str | None = None
    data: str | None = None
    postgres: str | None = None
    metrics: str | None = None
    wait: float = 0.0  # seconds, at most, for another run to end


@dataclass(frozen=True)
class Backups:
    """One store of the system, its tool, and where its two copies are."""

    system: System
    store: Store
    space: Workspace
    asked: Asked
    room: Room
    stores: Mapping[str, str]
    tool: PgBackRest | Restic
    database: Database | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def schedule(self) -> Schedule:
        return schedule_of(self.system, self.store, self.asked.spec)

    @property
    def ledger(self) -> Ledger:
        return self.space.ledger


def stores_of(system: System, name: str | None) -> list[Store]:
    """The store that was named, else all that backups are taken of. Raises Problems."""
    fit = [one for one in system.stores if one.kind in ("postgres", "objects")]
    if name is None:
        if not fit:
            raise Problems([Problem("nothing here can be backed up", "no store is postgres or objects")])
        return fit
    chosen = [one for one in system.stores if one.name == name]
    if not chosen:
        raise Problems(
            [Problem(f"there is no store {quoted(name)}", fix=did_you_mean(name, [one.name for one in fit]))]
        )
    schedule_of(system, chosen[0])  # says why, where no tool is known for it
    return chosen


@contextmanager
def opened(
    system: System, store: Store, space: Workspace, asked: Asked, *, running: bool = False, alone: str = ""
) -> Generator[Backups]:
    """Hold the backups of a system for one run. Raises Problems.

    `running`: the database has to run, and the key may be made. `alone`: what this run does, where it changes
    something: not two at a time, and what a killed run left is ended first.
    """
    schedule_of(system, store, asked.spec)
    database = None
    if store.kind == "postgres":
        try:
            database = database_of(system, store, space, asked.spec, asked.data)
        except Problems:
            if running:
                raise
    elif running:
        asked = replace(asked, data=asked.data or remembered_data(space, store.name))
        files_of(store, asked.spec, asked.data)
    user = database.user if database else unprivileged() if store.kind == "postgres" else User()
    room = Room.of(system.name, store.name, user)
    stores = named_stores(space, store.name, {"near": asked.near, "offsite": asked.offsite}, room.folder)
    kind = PgBackRest if store.kind == "postgres" else Restic
    with _alone(system, alone, asked.wait):
        if alone:
            room.clean()
        if running and database:
            knows(room, database)
        key, made = room.key(make=running and not _holds_anything(stores))
        tool = PgBackRest.of(room, stores, key, database) if kind is PgBackRest else Restic.of(room, stores, key)
        one = Backups(system, store, space, asked, room, stores, tool, database)
        if made:
            what = f"a key was made: {room.key_file}"
            fix = "keep a copy of it in another place, now"
            one.problems.append(Problem(what, "without it no backup can be read", fix, warning=True))
        files = asked.data if store.kind == "objects" else None
        known = files or remembered_data(space, store.name)
        remember(space, store.name, {**stores, **({"data": known} if known else {})})
        yield one


@contextmanager
def _alone(system: System, what: str, wait: float) -> Generator[None]:
    if not what:
        yield
        return
    folder, deadline = state_folder(system.name), time.monotonic() + wait
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(Workspace(folder).locked(f"backup {what}"))
                break
            except Problems as held_already:
                if time.monotonic() >= deadline:
                    what = f"another run holds the backups of {system.name}"
                    fix = "wait for it to end, or add --wait"
                    raise Problems([Problem(what, held_already.problems[0].why, fix)]) from held_already
                time.sleep(0.5)
        Owned(folder / "running").end_all()
        yield


def _holds_anything(stores: Mapping[str, str]) -> bool:
    """A store that is there was written with a key: another one must not be made for it."""
    folders = [Path(one) for one in stores.values() if "://" not in one]
    return any(one.is_dir() and os.access(one, os.R_OK) and any(one.iterdir()) for one in folders)
