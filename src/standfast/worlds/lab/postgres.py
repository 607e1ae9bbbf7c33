"""One PostgreSQL server of the lab: made, started, asked, lost, and started again.

Every setting that matters is given on the command line of the server, not in its folder: folders are copied
from server to server (base backup, pg_rewind), and their settings would go with them.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standfast.problem import Problem, Problems
from standfast.worlds.lab.addresses import Address, check_loopback
from standfast.worlds.lab.binaries import Postgres, User
from standfast.worlds.lab.processes import MARK, Owned, children, end, kill
from standfast.worlds.process import Process
from standfast.worlds.shared_memory import forget_crashed

ADMIN = "standfast"  # the database superuser of the lab
PATIENCE = 60.0  # seconds until a server that does not come up is given up: crash recovery on a slow disk

# 127.0.0.0/8 only, and only with the password that this lab made up for itself.
HBA = "host all all 127.0.0.0/8 scram-sha-256\nhost replication all 127.0.0.0/8 scram-sha-256\n"
# cp to another name and then mv: a file of the archive is there as a whole or not at all. Paths are relative to the
# server's folder, so nothing that a user wrote reaches the shell.
ARCHIVE = "test ! -f ../archive/%f && cp %p ../archive/.%f.partial && mv ../archive/.%f.partial ../archive/%f"
RESTORE = "cp ../archive/%f %p"
# In the folder after all: pg_rewind runs the server for a moment with nothing but that. It looks for old files of the
# log then, and writes down how many connections there may be, which a standby must not have fewer of.
KEPT = "\nwal_keep_size = 512MB\nmax_connections = 40\n"

COMMON = {
    "unix_socket_directories": "",  # two servers with one port number would want the same socket
    "dynamic_shared_memory_type": "mmap",  # in the server's own folder: a killed server leaves nothing elsewhere
    "shared_buffers": "64MB",
    "wal_level": "replica",
    "max_wal_size": "2GB",
    "password_encryption": "scram-sha-256",
    "synchronous_standby_names": "",
    "archive_mode": "off",
    "restart_after_crash": "off",  # a lost server stays lost until somebody decides
}


@dataclass
class Site:
    """What all servers of one lab share."""

    postgres: Postgres
    user: User
    room: Path  # the folder that the servers may write to
    owned: Owned
    password: str = field(repr=False, default="")  # made anew for each lab, kept in memory only

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the user's own PG* variables, and the password where a child process looks for it."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
        return {**kept, "LC_ALL": "C", "TZ": "UTC", "PGPASSWORD": self.password, MARK: str(self.room)}

    def run(self, program: str, *arguments: str, password_file: Path | None = None) -> str:
        """Run one of PostgreSQL's programs to its end. Raises Problems with what it said."""
        command, began = [self.postgres.program(program), *arguments], time.time()
        done = subprocess.run(
            command, cwd=self.room, env=self.environment, capture_output=True, text=True, errors="replace",
            stdin=subprocess.DEVNULL, start_new_session=True, umask=0o077, **self.user.arguments,
        )  # fmt: skip
        if done.returncode:
            forget_crashed(began)
            raise failed(f"{program} failed", done.stderr or done.stdout)
        return done.stdout

    def folder(self, name: str) -> Path:
        path = self.room / name
        path.mkdir(mode=0o700, exist_ok=True)
        self.user.own(path)
        return path


class Unanswered(Problems):
    """A server that does not run, or refuses what it was asked."""


def failed(what: str, said: str) -> Problems:
    """A Problem from what a program printed: its last telling lines, and what to do where that is known."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "error:", "ERROR"))]
    full = os.strerror(errno.ENOSPC) in said
    fix = "free some space, or use another disk with --out DIR; a drill can do with less: --data" if full else ""
    return Problems([Problem(what, " / ".join((telling or lines)[-2:])[:400], fix)])


def come_up(name: str, log: Path, begin: int, runs: Callable[[], bool], answers: Callable[[], bool]) -> None:
    """Wait until a server answers. Raises Problems, with what its log has from byte `begin`, when it ends instead."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if answers():
                return
        except Unanswered:
            pass
        alive = runs()
        if not alive or time.monotonic() > deadline:
            with log.open("rb") as file:
                file.seek(begin)
                said = file.read().decode(errors="replace")
            state = f"does not answer after {PATIENCE:.0f} s" if alive else "ended while it started"
            raise failed(f"{name} {state}", said)
        time.sleep(0.01)


class Server:
    """One server on one loopback address. `name` is its folder and what it calls itself to others."""

    def __init__(self, site: Site, name: str, address: Address):
        self.site, self.name, self.address = site, name, address
        self.data = site.room / name
        self.log = site.room / f"{name}.log"
        self.process: Process | None = None
        self.child: subprocess.Popen | None = None

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.alive

    def initialise(self) -> None:
        """A new, empty database with page checksums, a superuser and a password."""
        secret = self.site.folder("secret") / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.site.password + "\n")
        self.site.user.own(secret)
        try:
            self.site.run(
                "initdb", "-D", str(self.data), "-U", ADMIN, "--pwfile", str(secret), "-A", "scram-sha-256",
                "--data-checksums", "--no-sync", "-E", "UTF8", "--no-locale",
            )  # fmt: skip
        finally:
            shutil.rmtree(secret.parent, ignore_errors=True)
        (self.data / "pg_hba.conf").write_text(HBA)
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(KEPT)

    def flags(self, settings: Mapping[str, str] | None) -> dict[str, str]:
        """What it is told on its command line."""
        host, port = self.address
        given = {"listen_addresses": host, "port": str(port), "cluster_name": self.name}
        return {**COMMON, **given, **(settings or {})}

    def start(self, settings: Mapping[str, str] | None = None, *, until_writable: bool = True) -> None:
        """Start and wait until it answers (and accepts writes). Raises Problems, with the log, when it ends instead."""
        flags = [part for key, value in self.flags(settings).items() for part in ("-c", f"{key}={value}")]
        begin = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [self.site.postgres.program("postgres"), "-D", str(self.data), *flags],
                cwd=self.site.room, env=self.site.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for us, not for the servers
                umask=0o077, **self.site.user.arguments,
            )  # fmt: skip
        self.process = Process.of(self.child.pid)
        self.site.owned.add(self.process, self.name)
        self._wait_ready(until_writable, begin)
        check_loopback(self.process.pid, self.address[1], f"the lab's {self.name}")

    def _wait_ready(self, until_writable: bool, log_begin: int) -> None:
        def answers() -> bool:
            with self.connect() as connection:
                return not until_writable or not in_recovery(connection)

        come_up(f"the lab's {self.name}", self.log, log_begin, lambda: self.runs, answers)

    def conninfo(self, **more: str) -> dict[str, Any]:
        host, port = self.address
        return {
            "host": host, "port": port, "user": ADMIN, "password": self.site.password, "dbname": "postgres",
            "connect_timeout": 2, "gssencmode": "disable", "sslmode": "disable", **more,
        }  # fmt: skip

    @contextmanager
    def connect(self) -> Generator[Any]:
        """A connection in autocommit that does not wait for the standby: for setting up and looking.

        Raises Unanswered for whatever goes wrong with it, or is not caught inside.
        """
        import psycopg

        options = "-c synchronous_commit=local"
        try:
            with psycopg.connect(**self.conninfo(options=options), autocommit=True) as connection:
                yield connection
        except psycopg.Error as error:
            raise Unanswered([failed(f"the lab's {self.name} does not answer", str(error)).problems[0]]) from error

    def ask(self, query: str, values: Sequence[Any] = ()) -> Any:
        """The first value of the first row; None where there is no row."""
        with self.connect() as connection:
            row = connection.execute(query, values).fetchone()
        return row[0] if row else None

    def base_backup(self, target: Path, *more: str) -> None:
        host, port = self.address
        self.site.run(
            "pg_basebackup", "-D", str(target), "-h", host, "-p", str(port), "-U", ADMIN, "-w", "--no-sync",
            "--checkpoint=fast", *more,
        )  # fmt: skip

    def stop(self) -> None:
        if self.process is not None:
            end([self.process])
            self._collect()

    def lose(self) -> None:
        """SIGKILL of the server and of all its children: the machine is gone."""
        if self.process is not None:
            kill([self.process, *children(self.process.pid)])
            self._collect()

    def _collect(self) -> None:
        if self.child is not None:
            self.child.poll()

    def child_called(self, word: str) -> list[Process]:
        """Its children of one backend type, such as `walsender`."""
        with self.connect() as connection:
            rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = %s", [word]).fetchall()
        return [Process.of(pid) for (pid,) in rows]

    def freeze(self, word: str) -> None:
        """SIGSTOP the children called `word`. Recorded first: a stopped process outlives its parent."""
        found = self.child_called(word)
        if not found:
            raise Problems([Problem(f"the lab's {self.name} has no {word} to hold up", "no standby follows it")])
        for process in found:
            self.site.owned.add(process, f"{self.name}: {word}")
            process.signal(signal.SIGSTOP)


def in_recovery(connection: Any) -> bool:
    return bool(connection.execute("SELECT pg_is_in_recovery()").fetchone()[0])
