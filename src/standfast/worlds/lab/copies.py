"""Copies of the lab's databases, in a place that no loss of hosts takes along.

Two ways: what `standfast backup` does, given to the lab by whoever drills (`operate/backup/drilled.py`), and where that
cannot be, the lab's own: a base backup, and the archive of the log that its servers write.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from standfast.problem import Problem, Problems
from standfast.worlds.database import Hear, NotRecovered
from standfast.worlds.lab import recovery
from standfast.worlds.lab.contents import accepts_writes
from standfast.worlds.lab.postgres import ARCHIVE, RESTORE, Server, Site

OFFSITE = "offsite"


class NotThisWay(Problems):
    """These copies cannot be taken here: another way has to do."""


class Copies(Protocol):
    @property
    def said(self) -> str:
        """How they are taken, and with which program."""

    def take(self, site: Site, name: str, leader: Server, others: Sequence[Server]) -> int:
        """Take one, and have the server hand on its log from now on. Bytes. Raises NotThisWay, Problems."""

    def bring(self, site: Site, name: str, target: Path, moment: str, hear: Hear) -> Mapping[str, str]:
        """The copy in an empty folder, and the settings by which a server that is started there goes on to `moment`
        (as PostgreSQL writes it), or to the end of the log. Hears `copied` (bytes). Raises NotRecovered."""


class BaseBackups:
    """The lab's own. The log is in the archive that the servers were started with, in any case."""

    def __init__(self, why: str = "") -> None:
        self.said = f"the lab's own base backup{f': {why}' if why else ''}"

    def take(self, site: Site, name: str, leader: Server, others: Sequence[Server]) -> int:
        site.folder(OFFSITE)
        target = site.folder(f"{OFFSITE}/{name}")
        leader.base_backup(target)
        return size(target)

    def bring(self, site: Site, name: str, target: Path, moment: str, hear: Hear) -> Mapping[str, str]:
        backup = site.room / OFFSITE / name
        if not (backup / "backup_manifest").exists():
            raise NotRecovered("there is no backup", f"{backup.name} holds none")
        try:
            site.run("pg_verifybackup", "-q", "--no-parse-wal", str(backup))
        except Problems as problems:
            raise NotRecovered("the backup is damaged", problems.problems[0].why) from problems
        hear("verified")
        hear("copied", bytes=recovery.copied(site, backup, target))
        recovery.signal_in(site, target, "recovery.signal")
        if not moment:
            return {}
        return {
            "restore_command": RESTORE,
            "recovery_target_time": moment,
            "recovery_target_action": "promote",
        }


def taken(copies: Copies, site: Site, name: str, leader: Server, others: Sequence[Server]) -> tuple[Copies, int]:
    """Take a copy this way, or else the lab's own: which way it was, and its bytes. Raises Problems."""
    try:
        return copies, copies.take(site, name, leader, others)
    except NotThisWay as problems:
        own = BaseBackups(problems.problems[0].what)
    with leader.connect() as connection:
        if connection.execute("SHOW archive_command").fetchone()[0] in ("", "(disabled)"):
            from psycopg import sql

            connection.execute(sql.SQL("ALTER SYSTEM SET archive_command = {}").format(sql.Literal(ARCHIVE)))
            connection.execute("SELECT pg_reload_conf()")
    return own, own.take(site, name, leader, others)


def restore(copies: Copies, site: Site, name: str, restored: Server, moment: str, hear: Hear) -> None:
    """The copy and the log up to `moment`, in an empty server. Raises NotRecovered."""
    if restored.data.exists():
        raise Problems([Problem("the server to restore into is not empty", f"{restored.data} exists")])
    settings = copies.bring(site, name, restored.data, moment, hear)
    try:
        restored.start(settings)
    except Problems as problems:
        problem = problems.problems[0]
        if os.strerror(errno.ENOSPC) in problem.why:
            raise
        raise NotRecovered("the restored server did not come up", problem.why) from problems
    hear("replayed")
    if not accepts_writes(restored):
        raise NotRecovered("the restored server accepts no writes")
    hear("answered", server=restored.name)


def size(folder: Path) -> int:
    """Bytes of all files in it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
