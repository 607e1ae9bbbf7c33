"""The copies of a drill: `standfast backup` itself, with two stores and a key of its own in the lab's room.

The user's own backups, their key and the ledger are not touched. What is brought back comes from the offsite copy
alone: the near one is taken away first, as it would be gone with the region, or encrypted with everything else.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from standfast.operate.backup import taking, work
from standfast.operate.backup.opening import Asked, Backups
from standfast.operate.backup.room import STORES, Room
from standfast.operate.backup.target import Database
from standfast.operate.backup.tools.pgbackrest import PgBackRest, installed
from standfast.operate.backup.tools.restic import Restic
from standfast.operate.backup.tools.restic import installed as restic_installed
from standfast.plan.schedule import schedule_of
from standfast.problem import Problem, Problems
from standfast.spec import System
from standfast.spec.model import Store
from standfast.workspace import Workspace
from standfast.worlds.database import Hear, NotRecovered
from standfast.worlds.lab.binaries import User
from standfast.worlds.lab.copies import BaseBackups, Copies, NotThisWay, size
from standfast.worlds.lab.mysql.dumps import Beside, Elsewhere
from standfast.worlds.lab.mysql.server import Site as MariaSite
from standfast.worlds.lab.postgres import Server, Site

FOLDER = "backup"  # below the lab's room


def copies_for(system: System, spec: str) -> Copies:
    """What a drill restores from: `standfast backup`, or the lab's own way, which says why it is not that."""
    try:
        _, version = installed()
    except Problems as problems:
        return BaseBackups(problems.problems[0].what)
    return Drilled(system, spec, secrets.token_urlsafe(48), f"standfast backup, by pgBackRest {version}")


def dumps_for(system: System) -> Elsewhere:
    """Where a drill of MySQL keeps its dumps: two stores of restic, or the lab's own folder, which says why."""
    try:
        _, version = restic_installed()
    except Problems as problems:
        return Beside(problems.problems[0].what)
    return Dumped(system.name, secrets.token_urlsafe(48), f"mariadb-dump, kept by restic {version}")


@dataclass(frozen=True)
class Dumped:
    """A folder of files in two stores, the second copied from the first; brought back from the second alone."""

    system: str
    key: str
    said: str

    def keep(self, site: MariaSite, folder: Path) -> None:
        tool = self._tool(site)
        tool.prepare("near")
        tool.take("near", folder, f"{len(tool.copies('near')):04}")
        tool.prepare("offsite", like="near")
        tool.copy()

    def bring(self, site: MariaSite, folder: Path) -> None:
        tool = self._tool(site)
        shutil.rmtree(tool.stores["near"], ignore_errors=True)
        names = [one.name for one in tool.copies("offsite")]
        if not names:
            raise Problems([Problem("offsite holds no backup")])
        tool.restore("offsite", folder, names[-1])

    def _tool(self, site: MariaSite) -> Restic:
        folder = site.room / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        return Restic.of(
            Room(self.system, "dump", folder, User()), {one: str(folder / one) for one in STORES}, self.key
        )


@dataclass(frozen=True)
class Drilled:
    system: System
    spec: str
    key: str
    said: str

    def take(self, site: Site, name: str, leader: Server, others: Sequence[Server]) -> int:
        behind = tuple((one.data, one.conninfo()) for one in others)
        database = Database(leader.data, leader.conninfo(), site.user, "lab", behind)
        try:
            one = self._opened(site, name, database)
            done = taking.taken(one, lambda said: None, full=True)
        except Problems as problems:
            raise NotThisWay(problems.problems) from problems
        if done.verdict == "kept":
            return size(Path(one.stores["offsite"]))
        if any("does not know this version" in problem.what for problem in done.problems):
            raise NotThisWay(done.problems)
        raise Problems(done.problems)

    def bring(self, site: Site, name: str, target: Path, moment: str, hear: Hear) -> Mapping[str, str]:
        try:
            one = self._opened(site, name)
            shutil.rmtree(one.stores["near"], ignore_errors=True)
            work.bring(one, "offsite", target, moment=moment)
        except Problems as problems:
            problem = problems.problems[0]
            if "the disk is full" in problem.what:
                raise
            raise NotRecovered(problem.what, problem.why) from problems
        hear("copied", bytes=size(target))
        return {}

    def _opened(self, site: Site, name: str, database: Database | None = None) -> Backups:
        store = self._store(name)
        schedule_of(self.system, store, self.spec)  # an RPO that no backup can keep is said before one is taken
        folder = site.folder(FOLDER) / name
        room = Room(self.system.name, name, site.folder(f"{FOLDER}/{name}"), site.user)
        stores = {one: str(folder / one) for one in STORES}
        tool = PgBackRest.of(room, stores, self.key, database)
        return Backups(self.system, store, Workspace(folder), Asked(self.spec), room, stores, tool, database)

    def _store(self, name: str) -> Store:
        """A drill of one database calls it by no name of the spec: it is the largest there."""
        kept = [one for one in self.system.stores if one.kind == "postgres"]
        return next((one for one in kept if one.name == name), None) or max(kept, key=lambda one: one.data)
