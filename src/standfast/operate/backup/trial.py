"""A test restore: bring a copy back into an empty folder, start it where nobody can reach it, and read all of it."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfast.operate.backup.room import SOCKET, SOCKETS, Room
from standfast.operate.backup.tools.tool import plain_environment, trouble
from standfast.problem import Problem, Problems
from standfast.worlds.lab.binaries import Postgres, find_postgres
from standfast.worlds.lab.processes import Owned, end
from standfast.worlds.process import Process

PATIENCE = 600.0  # seconds until a restored server that does not come up is given up: the log may be long
# What a server that recovers must not have less of than the one that wrote the log (PostgreSQL manual, 27.4.3).
LEAST = ("max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_xacts", "max_locks_per_xact")
NAMES = {"max_prepared_xacts": "max_prepared_transactions", "max_locks_per_xact": "max_locks_per_transaction"}
TABLES = """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""
SPELT = """SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex';
    SET extra_float_digits = 1; SET xmloption = 'content'"""
# Every page of the heap is read, and its checksum with it.
DIGEST = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {} t"


@dataclass(frozen=True)
class Trial:
    """`tables`: database and name -> rows and digest; `last`: Unix time of the newest transaction that came back.

    `compared`: tables that were read before and came back the same; `moving`: those that were written to meanwhile."""

    seconds: float
    bytes: int
    tables: dict[str, str]
    last: float | None
    compared: int = 0
    moving: tuple[str, ...] = ()


def postgres_for(folder: Path, option: str | None) -> Postgres:
    """PostgreSQL of the version that the data is of. Raises Problems where there is another only."""
    wanted = (folder / "PG_VERSION").read_text().strip()
    beside = Path(f"/usr/lib/postgresql/{wanted}/bin")
    postgres = find_postgres(option or (str(beside) if (beside / "postgres").exists() else None))
    if postgres.version.partition(".")[0] != wanted:
        fix = f"install PostgreSQL {wanted}, or name the folder of its programs: --postgres DIR"
        raise Problems([Problem(f"the backup is of PostgreSQL {wanted}, and here is {postgres.version}", fix=fix)])
    return postgres


def try_database(room: Room, data: Path, postgres: Postgres, login: str, began: float) -> Trial:
    """Start what was restored in `data` on a socket in a closed folder, read every row, stop it. Raises Problems."""
    with running(room, data, postgres, login) as conninfo:
        seconds = time.monotonic() - began
        tables, newest = read_tables(conninfo)
    size = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
    return Trial(seconds, size, tables, newest)


@contextlib.contextmanager
def running(room: Room, data: Path, postgres: Postgres, login: str) -> Generator[dict[str, Any]]:
    owned, log = Owned(room.folder.parent / "running"), data.parent / "postgres.log"
    socket = Path(tempfile.mkdtemp(prefix=SOCKETS))  # a path of a socket is at most 107 bytes
    (data.parent / SOCKET).symlink_to(socket)
    room.user.own(socket)
    hba = data / "trial_hba.conf"
    hba.write_text("local all all trust\n")  # whoever can enter the folder of the socket: this user and root
    room.user.own(hba)
    flags = {
        **_least(room, data, postgres), "listen_addresses": "", "unix_socket_directories": str(socket),
        "hba_file": str(hba), "archive_mode": "off", "synchronous_standby_names": "", "shared_preload_libraries": "",
        "dynamic_shared_memory_type": "mmap", "ssl": "off", "logging_collector": "off", "port": "5432",
    }  # fmt: skip
    command = [postgres.program("postgres"), "-D", str(data)]
    command += [part for key, value in flags.items() for part in ("-c", f"{key}={value}")]
    if not (data / "postgresql.conf").exists():  # Debian keeps it elsewhere
        (data / "postgresql.conf").touch()
        room.user.own(data / "postgresql.conf")
    with log.open("ab") as said:
        child = subprocess.Popen(
            command, cwd=data.parent, env=plain_environment(room.user, room.folder), stdin=subprocess.DEVNULL,
            stdout=said, stderr=said, start_new_session=True, umask=0o077, **room.user.arguments,
        )  # fmt: skip
    process = Process.of(child.pid)
    owned.add(process, "the restored server")
    try:
        conninfo = {"host": str(socket), "port": 5432, "user": login, "dbname": "postgres"}
        _wait(child, conninfo, log)
        yield conninfo
    finally:
        end([process])
        child.wait()
        shutil.rmtree(socket, ignore_errors=True)


def _least(room: Room, data: Path, postgres: Postgres) -> dict[str, str]:
    ran = subprocess.run(
        [postgres.program("pg_controldata"), "-D", str(data)], env=plain_environment(room.user, room.folder),
        capture_output=True, text=True, check=False, cwd="/", **room.user.arguments,
    )  # fmt: skip
    if ran.returncode:
        raise trouble("reading what was restored", ran.stderr)
    found = dict(re.findall(r"^(\w+) setting:\s+(\d+)$", ran.stdout, re.MULTILINE))
    return {NAMES.get(one, one): found[one] for one in LEAST if one in found}


def _wait(child: subprocess.Popen, conninfo: dict[str, Any], log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(**conninfo, connect_timeout=2) as connection:
                row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
                if row and not row[0]:
                    return
        except psycopg.Error:
            pass
        if child.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace")
            raise trouble("starting what was restored", "\n".join(re.findall(r"(?:FATAL|PANIC|ERROR).*", said)) or said)
        time.sleep(0.02)


def read_tables(conninfo: dict[str, Any]) -> tuple[dict[str, str], float | None]:
    """Database and table -> rows and digest, and the time of the newest transaction that was replayed. Raises Problems.

    Values are spelt the same whatever the server is set to."""
    import psycopg
    from psycopg import sql

    tables: dict[str, str] = {}
    try:
        with psycopg.connect(**conninfo) as connection:
            names = [
                one
                for (one,) in connection.execute(
                    "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
                )
            ]
            newest = connection.execute("SELECT extract(epoch FROM pg_last_xact_replay_timestamp())::float8").fetchone()
        for name in sorted(names):
            with psycopg.connect(**{**conninfo, "dbname": name}) as connection:
                connection.execute(SPELT)
                for (table,) in connection.execute(TABLES).fetchall():
                    query = sql.SQL(DIGEST).format(sql.SQL(table))  # quoted by the server's own format()
                    rows, digest = connection.execute(query).fetchone() or (0, 0)
                    tables[f"{name}.{table}"] = f"{rows} rows, {int(digest) & 0xFFFFFFFFFFFFFFFF:016x}"
    except psycopg.Error as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise Problems([Problem("what it holds cannot be read", said, "restore another one")]) from error
    return tables, newest[0] if newest else None


def count_files(folder: Path, began: float) -> Trial:
    """What restic brought back, which it has read once more by then. Raises Problems where there is nothing."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    if not sizes:
        raise Problems([Problem("nothing came back", "the backup holds no files", "standfast backup run SPEC")])
    return Trial(time.monotonic() - began, sum(sizes), {"files": f"{len(sizes)}"}, None)
