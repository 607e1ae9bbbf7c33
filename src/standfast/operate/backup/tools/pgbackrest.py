"""PostgreSQL by pgBackRest: base backups and the log in two stores, each encrypted and complete by itself.

Each store has settings of its own, so that what is restored from one is read from that one alone. The settings hold
the key, so they are a file that only the user of the database may read.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standfast.operate.backup.retention import Copy
from standfast.operate.backup.room import STORES, Room, make_folder, working
from standfast.operate.backup.target import Database
from standfast.operate.backup.tools import soundness
from standfast.operate.backup.tools.s3 import placed
from standfast.operate.backup.tools.tool import GONE, Tool, filling, found, has_space, plain_environment, trouble
from standfast.problem import Problem, Problems
from standfast.worlds.lab.processes import Owned

INSTALL = "install pgBackRest 2.42 or newer (Debian: apt-get install pgbackrest), or name it in STANDFAST_PGBACKREST"
OLDEST = (2, 42)  # the first with annotations on a backup that is there: a hold is one
FOREVER = 9_999_999  # pgBackRest's largest: it removes nothing by itself, we say what goes
# The server's own settings: written once the key has opened the stores, so that a wrong one does not stop its log.
SERVER = "server"
HOLD, LOGIN = "hold", "login"  # annotations; `login`: the first superuser, whom a restored server is asked as
SEGMENT = re.compile(r"([0-9A-F]{24})-[0-9a-f]{40}(\.\w+)?$")


def installed() -> tuple[Path, str]:
    """The program and its version. Raises Problems."""
    return found("pgbackrest", "STANDFAST_PGBACKREST", INSTALL, OLDEST)


def knows(room: Room, database: Database) -> None:
    """See that pgBackRest knows this version of PostgreSQL, by what it makes of its files in a folder that is gone
    then: no store, key or setting of the server is touched. Raises Problems."""
    program, _ = installed()
    with working(room) as folder:
        tool = Tool(program, room.user, Owned(room.folder.parent / "running"), plain_environment(room.user, folder))
        words = [f"--stanza={room.store}", f"--pg1-path={database.data}", f"--repo1-path={folder}"]
        words += [f"--lock-path={folder}", "--log-level-file=off", "--no-online", "--no-config"]
        tool.run("asking pgBackRest", [*words, "stanza-create"])


@dataclass(frozen=True)
class PgBackRest:
    room: Room
    stores: Mapping[str, str]
    tool: Tool
    version: str
    key: str = field(repr=False)
    beside: bool = True  # a server whose settings these are

    @classmethod
    def of(cls, room: Room, stores: Mapping[str, str], key: str, database: Database | None = None) -> PgBackRest:
        """Find the program and write its settings. Raises Problems."""
        program, version = installed()
        environment = plain_environment(room.user, room.folder)
        if database is not None:
            environment |= _libpq(database)
        tool = Tool(program, room.user, Owned(room.folder.parent / "running"), environment)
        one = cls(room, stores, tool, version, key, database is not None)
        for name in STORES:
            room.private(f"{one._own(name)}.conf", one._settings([name], database))
        return one

    def _settings(self, names: Iterable[str], database: Database | None) -> str:
        folder = self.room.folder
        told = {
            "lock-path": folder / "lock", "spool-path": folder / "spool", "log-level-file": "off",
            "log-level-console": "warn", "log-level-stderr": "off", "compress-type": "zst", "start-fast": "y",
            "archive-timeout": 60, "expire-auto": "n",
        }  # fmt: skip
        for number, name in enumerate(names, 1):
            told |= {
                f"repo{number}-{word}": value
                for word, value in {
                    **placed(self.stores[name], self.room), "cipher-type": "aes-256-cbc", "cipher-pass": self.key,
                    "bundle": "y", "retention-full": FOREVER,
                }.items()
            }  # fmt: skip
        lines = ["[global]", *(f"{word}={value}" for word, value in told.items()), f"[{self.room.store}]"]
        if database is not None:
            info = database.conninfo
            lines += [f"pg1-path={database.data}", f"pg1-port={info['port']}", f"pg1-database={info['dbname']}"]
            lines += [f"pg1-user={info['user']}"] if "user" in info else []
        else:
            lines += [f"pg1-path={folder / 'nowhere'}"]
        return "\n".join(lines) + "\n"

    def _own(self, store: str) -> str:
        """Whoever knows of no server has settings apart: those of a run that goes on stay as they are."""
        return store if self.beside else f"{store}-alone"

    def command(self, store: str) -> list[str]:
        name = store if store == SERVER else self._own(store)
        return [f"--config={self.room.folder / f'{name}.conf'}", f"--stanza={self.room.store}"]

    # Taking

    def prepare_follower(self, database: Database, log: float) -> None:
        """Let a server that follows another hand on its log from the moment it leads. Raises Problems."""
        for name in STORES:
            make_folder(self.stores[name], self.room)
            self.tool.run(f"making {name} ready", [*self.command(name), "--no-online", "stanza-create"])
        self.room.private(f"{SERVER}.conf", self._settings(STORES, database))
        self._archive_by_us(database.data, database.conninfo, database, log)

    def prepare(self, database: Database, log: float, lost: Collection[str] = ()) -> dict[str, Problems]:
        """Let the server hand its log to both stores, at least every `log` seconds; to one where the other is `lost`
        or cannot be written: why, by store. What one has of the log and the other lacks is copied. Raises Problems."""
        with database.connect() as connection:
            mode = connection.execute("SHOW archive_mode").fetchone()[0]
            if mode == "off":
                fix = "set archive_mode = on and start it again; without the log only the moments of backups come back"
                raise Problems([Problem(f"the database in {database.data} keeps no archive of its log", fix=fix)])
        wrong: dict[str, Problems] = {}
        for name in (one for one in STORES if one not in lost):
            try:
                make_folder(self.stores[name], self.room)
                has_space(name, self.stores[name])
                self.tool.run(f"making {name} ready", [*self.command(name), "stanza-create"])
            except Problems as failure:
                wrong[name] = failure
        good = [one for one in STORES if one not in lost and one not in wrong]
        if good:
            self.room.private(f"{SERVER}.conf", self._settings(good, database))
            for data, info in ((database.data, database.conninfo), *database.others):
                self._archive_by_us(data, info, database, log)
            self.tool.run("handing on the log", [*self.command(SERVER), "check"])
            if len(good) == len(STORES):
                self.fill()
        return wrong

    def fill(self) -> None:
        """Give each store what the other has of the log, since its own oldest file, and it lacks: it was away then."""
        have = {name: set(self.log(name)) for name in STORES}
        for name, other in (STORES, reversed(STORES)):
            oldest = min((one[8:] for one in have[name]), default="G")
            lacks = sorted(one for one in have[other] - have[name] if one[8:] > oldest)
            if lacks:
                with working(self.room) as folder:
                    for segment in lacks:
                        words = [*self.command(other), "archive-get", segment, str(folder / segment)]
                        self.tool.run(f"reading the log in {other}", words)
                        self.tool.run(
                            f"copying the log to {name}", [*self.command(name), "archive-push", str(folder / segment)]
                        )
                        (folder / segment).unlink()

    def _archive_by_us(self, data: Path, info: dict[str, Any], database: Database, log: float) -> None:
        from psycopg import sql

        words = [str(self.tool.program), *self.command(SERVER), f"--pg1-path={data}", "archive-push"]
        command = shlex.join(words).replace("%", "%%") + " %p"
        with database.connect(info) as connection:
            for name, value in (("archive_command", command), ("archive_timeout", f"{int(log)}s")):
                statement = sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
                connection.execute(statement)
            connection.execute("SELECT pg_reload_conf()")

    def take(self, store: str, login: str, *, full: bool) -> str:
        """Take one backup into a store; its name. An interrupted one is gone on with. Raises Problems."""
        before = {one.name for one in self.copies(store)}
        kind = "full" if full or not before else "incr"
        words = [*self.command(store), f"--type={kind}", f"--annotation={LOGIN}={login}", "backup"]
        with filling(f"the backup to {store}", self.stores[store]):
            self.tool.run(f"the backup to {store}", words)
        made = [one.name for one in self.copies(store) if one.name not in before]
        if not made:
            raise Problems([Problem(f"the backup to {store} left nothing there", "pgBackRest said that it went well")])
        return made[-1]

    # Looking

    def told(self, store: str) -> dict[str, Any]:
        """What pgBackRest says of the store. Raises Problems where it cannot read it."""
        ran = self.tool.run(f"looking into {store}", [*self.command(store), "--output=json", "info"])
        try:
            found = json.loads(ran.out)[0]
        except (ValueError, IndexError) as error:
            raise trouble(f"looking into {store}", ran.said) from error
        code = found["repo"][0]["status"]["code"] if found.get("repo") else found["status"]["code"]
        if code not in (0, 2):  # 2: no valid backups yet
            raise trouble(f"looking into {store}", found["repo"][0]["status"]["message"] if found.get("repo") else "")
        return found

    def is_there(self, store: str) -> bool:
        """Whether a store is at its place, be it one that cannot be read."""
        try:
            self.told(store)
        except Problems as failure:
            return GONE not in failure.problems[0].what
        return True

    def copies(self, store: str) -> list[Copy]:
        """Oldest first."""
        found = self.told(store).get("backup") or ()
        copies = [
            Copy(
                one["label"], float(one["timestamp"]["stop"]), one["type"], int(one["info"]["repository"]["delta"]),
                tuple(one.get("reference") or ()), (one.get("annotation") or {}).get(HOLD, ""),
                "pages with wrong checksums were found when it was taken" if one.get("error") else "",
            )
            for one in found
        ]  # fmt: skip
        return sorted(copies, key=lambda one: (one.at, one.name))

    def login(self, store: str) -> str:
        """The first superuser of the database that was backed up."""
        told = [(one.get("annotation") or {}).get(LOGIN) for one in self.told(store).get("backup") or ()]
        return next((one for one in reversed(told) if one), "postgres")

    def newest_log(self, store: str) -> float | None:
        """Unix time at which the newest file of the log arrived."""
        times = [one["time"] for one in self.log(store).values()]
        return float(max(times)) if times else None

    def log(self, store: str) -> dict[str, dict[str, Any]]:
        """Name of each file of the log -> what the store knows of it."""
        arguments = [*self.command(store), "--output=json", "--recurse", "repo-ls", f"archive/{self.room.store}"]
        listed = json.loads(self.tool.run(f"looking into {store}", arguments).out or "{}")
        found = ((SEGMENT.search(name), one) for name, one in listed.items())
        return {match[1]: one for match, one in found if match}

    def wrong(self, store: str) -> dict[str, str]:
        """Read everything in the store. Name of a backup ("" for the log) -> what is wrong with it. Raises Problems."""
        return soundness.wrong(self, store)

    # Changing

    def hold(self, store: str, name: str, why: str) -> None:
        """`why` "" releases it."""
        arguments = [*self.command(store), f"--set={name}", f"--annotation={HOLD}={why}", "annotate"]
        self.tool.run(f"holding {name}", arguments)

    def remove(self, store: str, name: str) -> None:
        self.tool.run(f"removing {name}", [*self.command(store), f"--set={name}", "expire"])

    def remove_rest(self, store: str) -> None:
        """The log before the oldest backup that is left is of no use."""
        left = sum(1 for one in self.copies(store) if one.kind == "full")
        if left:
            arguments = [*self.command(store), f"--repo1-retention-full={left}", "--repo1-retention-archive-type=full"]
            self.tool.run("removing the old log", [*arguments, f"--repo1-retention-archive={left}", "expire"])

    def restore(self, store: str, folder: Path, *, name: str = "", moment: str = "", point: str = "") -> None:
        """Bring a backup into an empty folder, and when the server starts, the log up to `moment` (ISO 8601), or to the
        `point` of that name."""
        arguments = [*self.command(store), f"--pg1-path={folder}", "--target-action=promote"]
        if point:
            arguments += ["--type=name", f"--target={point}"]
        elif moment:
            arguments += ["--type=time", f"--target={moment}"]
        elif name:
            arguments += ["--type=immediate"]
        else:
            arguments = arguments[:-1]
        arguments += [f"--set={name}"] if name else []
        with filling(f"restoring from {store}", str(folder)):
            self.tool.run(f"restoring from {store}", [*arguments, "restore"])


def _libpq(database: Database) -> dict[str, str]:
    info = database.conninfo
    told = {"PGHOST": str(info["host"]), "PGCONNECT_TIMEOUT": "10"}
    if info.get("password"):
        return {**told, "PGPASSWORD": info["password"]}
    return {**told, **{name: os.environ[name] for name in ("PGPASSWORD", "PGPASSFILE") if name in os.environ}}
