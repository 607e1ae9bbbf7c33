"""One MariaDB server of the lab: made, started, asked, stopped. Every setting is on its command line."""

from __future__ import annotations

import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from standfast.problem import Problem, Problems
from standfast.worlds.lab.addresses import Address, check_loopback
from standfast.worlds.lab.binaries import User
from standfast.worlds.lab.mysql.programs import MariaDB
from standfast.worlds.lab.postgres import Unanswered, come_up, failed
from standfast.worlds.lab.processes import Owned, end
from standfast.worlds.process import Process

ADMIN, DATABASE = "standfast", "app"
SMALL = (
    "--innodb-log-file-size=32M",
    "--innodb-buffer-pool-size=64M",
    "--performance-schema=OFF",
    "--skip-name-resolve",
)


@dataclass
class Site:
    """What all servers of one lab share."""

    mariadb: MariaDB
    user: User
    room: Path
    owned: Owned
    password: str = field(repr=False, default="")

    @property
    def environment(self) -> dict[str, str]:
        """The password is where MariaDB's own programs look for it."""
        return {**self.mariadb.environment, "MYSQL_PWD": self.password}

    def run(self, program: str, *arguments: str, stdin: IO | int = subprocess.DEVNULL, out: IO | None = None) -> str:
        """Run one of MariaDB's programs to its end. Raises Problems with what it said."""
        done = subprocess.run(
            [self.mariadb.program(program), "--no-defaults", *arguments], cwd=self.room, env=self.environment,
            stdin=stdin, stdout=out or subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
            start_new_session=True, umask=0o077, **self.user.arguments,
        )  # fmt: skip
        if done.returncode:
            raise failed(f"{program} failed", f"{done.stderr}\n{done.stdout or ''}")
        return done.stdout or ""

    def folder(self, name: str) -> Path:
        path = self.room / name
        path.mkdir(mode=0o700, exist_ok=True)
        self.user.own(path)
        return path


class Server:
    """One server on one loopback address. `name` is its folder."""

    def __init__(self, site: Site, name: str, address: Address):
        self.site, self.name, self.address = site, name, address
        self.data, self.log = site.room / name, site.room / f"{name}.log"
        self.process: Process | None = None
        self.child: subprocess.Popen | None = None

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.alive

    def initialise(self) -> None:
        """A new, empty database."""
        folder = self.site.folder(self.name)
        self.site.run(
            "mariadb-install-db", f"--basedir={self.site.mariadb.base}", f"--datadir={folder}", "--skip-test-db",
            "--auth-root-authentication-method=normal", "--innodb-log-file-size=32M",
        )  # fmt: skip

    def start(self, *, logged: bool = True) -> None:
        """Start, and wait until it answers; `logged`: it writes a log of what it is told. Raises Problems."""
        host, port = self.address
        secret = self.site.folder("secret") / "first.sql"
        secret.touch(mode=0o600)
        secret.write_text(
            f"CREATE OR REPLACE USER {ADMIN}@'%' IDENTIFIED BY '{self.site.password}';\n"
            f"GRANT ALL ON *.* TO {ADMIN}@'%' WITH GRANT OPTION;\n"
            f"DROP USER IF EXISTS root@localhost;\nCREATE DATABASE IF NOT EXISTS {DATABASE};\n"
        )
        self.site.user.own(secret)
        begin = self.log.stat().st_size if self.log.exists() else 0
        log_bin = ["--log-bin=binlog", "--binlog-format=ROW", "--server-id=1"] if logged else []
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [str(self.site.mariadb.server), "--no-defaults", f"--basedir={self.site.mariadb.base}",
                 f"--datadir={self.data}", f"--bind-address={host}", f"--port={port}", f"--init-file={secret}",
                 f"--socket={self.data / 'socket'}", f"--pid-file={self.data / 'mariadbd.pid'}", *SMALL, *log_bin],
                cwd=self.data, env=self.site.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, umask=0o077, **self.site.user.arguments,
            )  # fmt: skip
        self.process = Process.of(self.child.pid)
        self.site.owned.add(self.process, self.name)
        try:
            self._wait_ready(begin)
        finally:
            secret.unlink(missing_ok=True)
        check_loopback(self.process.pid, port, f"the lab's {self.name}")

    def _wait_ready(self, begin: int) -> None:
        come_up(f"the lab's {self.name}", self.log, begin, lambda: self.runs, lambda: self.ask("SELECT 1") == 1)

    @property
    def where(self) -> tuple[str, ...]:
        """How MariaDB's own programs are told of it."""
        return (f"--host={self.address[0]}", f"--port={self.address[1]}", f"--user={ADMIN}")

    @contextmanager
    def connect(self) -> Generator[Any]:
        """A cursor of a connection in autocommit. Raises Unanswered for whatever goes wrong with it."""
        import pymysql

        host, port = self.address
        try:
            connection = pymysql.connect(
                host=host, port=port, user=ADMIN, password=self.site.password, database=DATABASE, autocommit=True,
                connect_timeout=5, read_timeout=60, write_timeout=60,
            )  # fmt: skip
            with connection, connection.cursor() as cursor:
                yield cursor
        except (pymysql.Error, OSError) as error:
            raise Unanswered([Problem(f"the lab's {self.name} does not answer", str(error)[:300])]) from error

    def ask(self, query: str, values: Sequence[Any] = ()) -> Any:
        """The first value of the first row; None where there is no row."""
        with self.connect() as cursor:
            cursor.execute(query, values or None)
            row = cursor.fetchone()
        return row[0] if row else None

    def stop(self) -> None:
        if self.process is not None:
            end([self.process])
        if self.child is not None:
            self.child.poll()


def accepts_writes(server: Server) -> bool:
    """Tried, and taken back."""
    try:
        with server.connect() as cursor:
            cursor.execute("START TRANSACTION")
            cursor.execute("INSERT INTO writes (id) VALUES (-1)")
            cursor.execute("ROLLBACK")
    except Problems:
        return False
    return True
