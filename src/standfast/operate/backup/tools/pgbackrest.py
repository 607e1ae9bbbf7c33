"""PostgreSQL by pgBackRest: base backups and the log in two stores, each encrypted and complete by itself.

Each store has settings of its own, so that what is restored from one is read from that one alone. The settings hold
the key, so they are a file that only the user of the database may read.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfast.operate.backup.retention import Copy
from standfast.operate.backup.room import STORES, Room
from standfast.operate.backup.target import Database
from standfast.operate.backup.tools.s3 import placed
from standfast.operate.backup.tools.segments import first_gap, segments
from standfast.operate.backup.tools.tool import Tool, found, plain_environment, trouble
from standfast.problem import Problem, Problems
from standfast.worlds.lab.processes import Owned

INSTALL = "install pgBackRest 2.42 or newer (Debian: apt-get install pgbackrest), or name it in STANDFAST_PGBACKREST"
OLDEST = (2, 42)  # the first with annotations on a backup that is there: a hold is one
FOREVER = 9_999_999  # pgBackRest's largest: it removes nothing by itself, we say what goes
HOLD, LOGIN = "hold", "login"  # annotations; `login`: the first superuser, whom a restored server is asked as
SEGMENT = re.compile(r"([0-9A-F]{24})-[0-9a-f]{40}(\.\w+)?$")


def installed() -> tuple[Path, str]:
    """The program and its version. Raises Problems."""
    return found("pgbackrest", "STANDFAST_PGBACKREST", INSTALL, OLDEST)


def knows(room: Room, database: Database) -> None:
    """See that pgBackRest knows this version of PostgreSQL, by what it makes of its files in a folder that is gone
    then: no store, key or setting of the server is touched. Raises Problems."""
    program, _ = installed()
    folder = Path(tempfile.mkdtemp(prefix="knows-", dir=room.folder))
    try:
        room.user.own(folder)
        tool = Tool(program, room.user, Owned(room.folder.parent / "running"), plain_environment(room.user, folder))
        words = [f"--stanza={room.store}", f"--pg1-path={database.data}", f"--repo1-path={folder}"]
        words += [f"--lock-path={folder}", "--log-level-file=off", "--no-online", "--no-config"]
        tool.run("asking pgBackRest", [*words, "stanza-create"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class PgBackRest:
    room: Room
    stores: Mapping[str, str]
    tool: Tool
    version: str

    @classmethod
    def of(cls, room: Room, stores: Mapping[str, str], key: str, database: Database | None = None) -> PgBackRest:
        """Find the program and write its settings. Raises Problems."""
        program, version = installed()
        environment = plain_environment(room.user, room.folder)
        if database is not None:
            environment |= _libpq(database)
        one = cls(room, stores, Tool(program, room.user, Owned(room.folder.parent / "running"), environment), version)
        for name in STORES:
            room.private(f"{name}.conf", one._settings([name], key, database))
        room.private("both.conf", one._settings(STORES, key, database))
        return one

    def _settings(self, names: Any, key: str, database: Database | None) -> str:
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
                    **placed(self.stores[name], self.room), "cipher-type": "aes-256-cbc", "cipher-pass": key,
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

    def command(self, store: str) -> list[str]:
        return [f"--config={self.room.folder / f'{store}.conf'}", f"--stanza={self.room.store}"]

    # Taking

    def prepare_follower(self, database: Database, log: float) -> None:
        """Let a server that follows another hand on its log from the moment it leads. Raises Problems."""
        self._make_folders()
        self.tool.run("pgBackRest's stanza-create", [*self.command("both"), "--no-online", "stanza-create"])
        self._archive_by_us(database, database.data, database.conninfo, log)

    def _make_folders(self) -> None:
        for name in STORES:
            if "://" not in self.stores[name]:
                _make_folder(Path(self.stores[name]), self.room)

    def prepare(self, database: Database, log: float) -> None:
        """Let the server hand its log to both stores, at least every `log` seconds. Raises Problems."""
        self._make_folders()
        with database.connect() as connection:
            mode = connection.execute("SHOW archive_mode").fetchone()[0]
            if mode == "off":
                fix = "set archive_mode = on and start it again; without the log only the moments of backups come back"
                raise Problems([Problem(f"the database in {database.data} keeps no archive of its log", fix=fix)])
        self.tool.run("pgBackRest's stanza-create", [*self.command("both"), "stanza-create"])
        for data, info in ((database.data, database.conninfo), *database.others):
            self._archive_by_us(database, data, info, log)
        self.tool.run("pgBackRest's check", [*self.command("both"), "check"])

    def _archive_by_us(self, database: Database, data: Path, info: dict[str, Any], log: float) -> None:
        from psycopg import sql

        words = [str(self.tool.program), *self.command("both"), f"--pg1-path={data}", "archive-push"]
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
        self.tool.run(
            f"the backup to {store}",
            [*self.command(store), f"--type={kind}", f"--annotation={LOGIN}={login}", "backup"],
        )
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
        times = [one["time"] for one in self._segments(store).values()]
        return float(max(times)) if times else None

    def _segments(self, store: str) -> dict[str, dict[str, Any]]:
        """Name of each file of the log -> what the store knows of it."""
        arguments = [*self.command(store), "--output=json", "--recurse", "repo-ls", f"archive/{self.room.store}"]
        listed = json.loads(self.tool.run(f"looking into {store}", arguments).out or "{}")
        found = ((SEGMENT.search(name), one) for name, one in listed.items())
        return {match[1]: one for match, one in found if match}

    def wrong(self, store: str) -> dict[str, str]:
        """Read everything in the store. Name of a backup ("" for the log) -> what is wrong with it. Raises Problems.

        pgBackRest tells damaged and missing files of a backup; that a file of the log which a backup needs is gone it
        does not tell (2.45), so that is looked for here.
        """
        ran = self.tool.run(
            f"verifying {store}", [*self.command(store), "--output=text", "--verbose", "verify"], ok=range(256)
        )
        if "No usable" in ran.said:
            self.told(store)  # tells a wrong key from a store that is not there
        if ran.code or "No usable" in ran.said or "status:" not in ran.out:
            raise trouble(f"verifying {store}", ran.said)
        found: dict[str, str] = {}
        for name, said, counts in re.findall(r"backup: (\S+), status: (\w+)[^\n]*\n\s*([^\n]*)", ran.out):
            if said != "valid":
                found[name] = _counted(counts) or said
        for _, total, valid, counts in re.findall(
            r"archiveId: (\S+), total WAL checked: (\d+), total valid WAL: (\d+)\n\s*([^\n]*)", ran.out
        ):
            if total != valid:
                found[""] = f"{int(total) - int(valid)} files of the log: {_counted(counts)}"
        there, read = set(self._segments(store)), set(re.findall(r"backup: (\S+), status:", ran.out))
        for one in self.told(store).get("backup") or ():
            lost = [name for name in segments(one["archive"]["start"], one["archive"]["stop"]) if name not in there]
            if one["label"] not in read:  # still in the list, while its files are gone: pgBackRest says nothing then
                found[one["label"]] = "missing: it is in the list, and its files are not there"
            elif lost:
                found[one["label"]] = f"{len(lost)} files of the log that it needs are missing, first {lost[0]}"
        gap = first_gap(there)
        if gap and "" not in found:
            found[""] = f"the log has a gap: {gap} is missing, and no moment after it can be restored from before it"
        return found

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
        self.tool.run(f"restoring from {store}", [*arguments, "restore"])


def _counted(counts: str) -> str:
    return ", ".join(f"{number} {what}" for what, number in re.findall(r"([a-z ]+): (\d+)", counts) if int(number))


def _libpq(database: Database) -> dict[str, str]:
    info = database.conninfo
    told = {"PGHOST": str(info["host"]), "PGCONNECT_TIMEOUT": "10"}
    if info.get("password"):
        return {**told, "PGPASSWORD": info["password"]}
    return {**told, **{name: os.environ[name] for name in ("PGPASSWORD", "PGPASSFILE") if name in os.environ}}


def _make_folder(path: Path, room: Room) -> None:
    """A new store belongs to the user of the database; one that is there is left as it is."""
    if path.exists():
        return
    try:
        path.mkdir(parents=True, mode=0o700)
        room.user.own(path)
    except OSError as error:
        raise Problems([Problem(f"the store {path} cannot be made", str(error), "name another folder")]) from error
