"""A dump of a database, with the log since: kept elsewhere, and brought into an empty server up to a moment.

By MariaDB's own programs: `mariadb-dump` in one transaction, which tells where in the log it was; `mariadb-binlog` up
to a moment, whose times are whole seconds.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Protocol

from standfast.problem import Problem, Problems
from standfast.worlds.database import Hear, NotRecovered
from standfast.worlds.lab.copies import size
from standfast.worlds.lab.mysql.server import DATABASE, Server, Site, accepts_writes

DUMP, LOG, BROUGHT = "dump.sql", "log", "brought"
WHOLE = b"-- Dump completed"
POSITION = re.compile(r"MASTER_LOG_FILE='([\w.]+)', MASTER_LOG_POS=(\d+)")


class Elsewhere(Protocol):
    """Where a folder of files is kept, so that no loss of this server takes it along."""

    @property
    def said(self) -> str:
        """How, and with which program."""

    def keep(self, site: Site, folder: Path) -> None:
        """As it is now. Raises Problems."""

    def bring(self, site: Site, folder: Path) -> None:
        """The newest into an empty folder, from the copy that is farther away. Raises Problems."""


class Beside:
    """The lab's own: a folder."""

    def __init__(self, why: str = "") -> None:
        self.said = f"mariadb-dump and a folder of the lab{f': {why}' if why else ''}"

    def keep(self, site: Site, folder: Path) -> None:
        shutil.copytree(folder, site.room / "offsite", dirs_exist_ok=True)

    def bring(self, site: Site, folder: Path) -> None:
        shutil.copytree(site.room / "offsite", folder, dirs_exist_ok=True)


def take(site: Site, server: Server, elsewhere: Elsewhere, logged: bool) -> int:
    """Dump it, and keep that. Bytes."""
    folder = site.folder("dump")
    marked = ["--master-data=2"] if logged else []
    with (folder / DUMP).open("wb") as out:
        site.run(
            "mariadb-dump", *server.where, "--single-transaction", "--routines", "--events", "--triggers", "--hex-blob",
            *marked, "--databases", DATABASE, out=out,
        )  # fmt: skip
    elsewhere.keep(site, folder)
    return size(folder)


def hand_on(site: Site, server: Server, elsewhere: Elsewhere) -> None:
    """Close the file of the log that is being written, and keep all of them beside the dump."""
    server.ask("FLUSH BINARY LOGS")
    with server.connect() as cursor:
        cursor.execute("SHOW BINARY LOGS")
        names = [row[0] for row in cursor.fetchall()][:-1]
    folder = site.folder("dump") / LOG
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        shutil.copyfile(server.data / name, folder / name)
    elsewhere.keep(site, folder.parent)


def restore(site: Site, elsewhere: Elsewhere, restored: Server, moment: str, hear: Hear) -> None:
    """The dump into an empty server, and what the log has between it and `moment`. Raises NotRecovered."""
    restored.initialise()
    restored.start(logged=False)
    hear("prepared")
    folder = site.folder(BROUGHT)
    try:
        elsewhere.bring(site, folder)
    except Problems as problems:
        raise NotRecovered(problems.problems[0].what, problems.problems[0].why) from problems
    dump = folder / DUMP
    if not dump.is_file():
        raise NotRecovered("there is no backup", f"{dump.name} is not among what was kept")
    if WHOLE not in _end(dump):
        raise NotRecovered("the dump is not whole", "it does not say at its end that it is complete")
    for path in (folder, *folder.rglob("*")):
        site.user.own(path)
    try:
        with dump.open("rb") as text:
            site.run("mariadb", *restored.where, stdin=text)
        hear("copied", bytes=dump.stat().st_size)  # a dump is not there before it is read in
        _replay(site, restored, folder / LOG, _position(dump), moment)
    except Problems as problems:
        problem = problems.problems[0]
        raise NotRecovered(problem.what, problem.why) from problems
    hear("replayed")
    if not accepts_writes(restored):
        raise NotRecovered("the restored server accepts no writes")
    hear("answered", server=restored.name)


def _end(dump: Path) -> bytes:
    with dump.open("rb") as text:
        text.seek(max(0, dump.stat().st_size - 200))
        return text.read()


def _position(dump: Path) -> tuple[str, int]:
    """Where in the log the dump was taken."""
    with dump.open(encoding="utf-8", errors="replace") as lines:
        for _, line in zip(range(60), lines, strict=False):
            if found := POSITION.search(line):
                return found[1], int(found[2])
    raise Problems([Problem("the dump does not say where in the log it was taken", "no log is kept")])


def _replay(site: Site, server: Server, log: Path, begin: tuple[str, int], moment: str) -> None:
    """What the log holds from the dump on, before the second that `moment` names."""
    files = [str(path) for path in sorted(log.glob("*.[0-9]*")) if path.name >= begin[0]]
    if not files:
        raise Problems([Problem("the log since the dump is not there", f"{begin[0]} is missing")])
    path = log.parent / "log.sql"
    with path.open("wb") as out:
        site.run(
            "mariadb-binlog", f"--start-position={begin[1]}", f"--stop-datetime={moment}", "--disable-log-bin", *files,
            out=out,
        )  # fmt: skip
    with path.open("rb") as text:
        site.run("mariadb", *server.where, "--binary-mode", stdin=text)
