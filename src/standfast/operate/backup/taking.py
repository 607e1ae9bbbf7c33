"""Taking a backup to both stores: one that fails or is gone does not keep the other from being written."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from standfast.operate.backup import evidence
from standfast.operate.backup.opening import Backups
from standfast.operate.backup.room import STORES
from standfast.operate.backup.target import Database, files_of
from standfast.operate.backup.tools.pgbackrest import PgBackRest
from standfast.operate.backup.tools.restic import Restic
from standfast.problem import Problem, Problems
from standfast.promise import Verdict

Say = Callable[[str], None]


@dataclass(frozen=True)
class Done:
    """`taken`: store -> name of the backup; a Problem for each that failed. `follows`: the server follows another, of
    which the backups are taken; it was made ready to hand on its log once it leads."""

    taken: Mapping[str, str]
    problems: tuple[Problem, ...]
    seconds: float
    follows: bool = False

    @property
    def verdict(self) -> Verdict:
        return "kept" if set(self.taken) == set(STORES) or (self.follows and not self.problems) else "broken"


def taken(one: Backups, say: Say, *, full: bool = False) -> Done:
    """Take a backup to both stores, as far as they are there; nothing is put on record but a store begun anew."""
    began = time.monotonic()
    try:
        lost = _lost(one)
        if isinstance(one.tool, PgBackRest):
            assert one.database is not None
            if one.database.follows():
                say("having it ready to hand on its log")
                one.tool.prepare_follower(one.database, one.schedule.log or 60.0)
                return Done({}, (), time.monotonic() - began, True)
            taken, problems = _take_database(one, one.tool, one.database, say, full, lost)
        else:
            taken, problems = _take_files(one, one.tool, say, lost)
    except Problems as failure:
        return Done({}, tuple(failure.problems), time.monotonic() - began)
    return Done(taken, (*(problem for some in lost.values() for problem in some.problems), *problems),
                time.monotonic() - began)  # fmt: skip


def _lost(one: Backups) -> dict[str, Problems]:
    """Stores that had backups and are not there: a mount that failed looks like that, and a new store in its place
    would hide it. An empty folder of the store's own is somebody's word that it is lost; evidence, then."""
    found = {}
    for store, address in one.stores.items():
        names = evidence.expected(one.ledger, one.store.name, address)
        if not names or one.tool.is_there(store):
            continue
        if "://" not in address and Path(address).is_dir() and not any(Path(address).iterdir()):
            note = f"{store} was lost, and a new one is begun"
            evidence.keep(one.ledger, "begin anew", one.store.name, "broken", note=note, removed={address: list(names)})
            continue
        why = f"it held {len(names)} backups at {address}, and nothing is there, as where a mount has failed"
        fix = f"mount it, or name another place with --{store}"
        fix += "" if "://" in address else f"; where it is lost for good, mkdir {address} and a new one is begun"
        found[store] = Problems([Problem(f"{store} is gone", why, fix)])
    return found


def _take_database(
    one: Backups, tool: PgBackRest, database: Database, say: Say, full: bool, lost: Mapping[str, Problems]
) -> tuple[dict[str, str], list[Problem]]:
    taken: dict[str, str] = {}
    say("letting the server hand its log to both stores")
    wrong = tool.prepare(database, one.schedule.log or 60.0, lost)
    problems = [problem for some in wrong.values() for problem in some.problems]
    login = _first_superuser(database)
    for store in STORES:
        if store not in wrong and store not in lost:
            say(f"backing up to {store}")
            try:
                taken[store] = tool.take(store, login, full=full)
            except Problems as failure:
                problems += failure.problems
    return taken, problems


def _take_files(
    one: Backups, tool: Restic, say: Say, lost: Mapping[str, Problems]
) -> tuple[dict[str, str], list[Problem]]:
    """The second copy is made from the first; where that fails, from the files."""
    taken: dict[str, str] = {}
    problems: list[Problem] = []
    name = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    folder = files_of(one.store, one.asked.spec, one.asked.data)
    for store in STORES:
        if store not in lost:
            say(f"copying to {store}" if taken else f"backing up to {store}")
            try:
                tool.prepare(store, like=next(iter(taken), ""))
                if taken:
                    tool.copy()
                else:
                    tool.take(store, folder, name)
                taken[store] = name
            except Problems as failure:
                problems += failure.problems
    return taken, problems


def _first_superuser(database: Database) -> str:
    with database.connect() as connection:
        return str(connection.execute("SELECT rolname FROM pg_roles WHERE oid = 10").fetchone()[0])
