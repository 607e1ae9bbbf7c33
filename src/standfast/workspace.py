"""The output folder of one system: where every room puts what it made, and a lock so that two do not collide.

out/<system>/plan.json  code/<language>/  watch/<monitor>/  docs/  audit/  drill/<time>/  emulator/
ledger.sqlite  report.html

The ledger may be a database for all machines instead: STANDFAST_LEDGER=postgresql://user@host/database. It is a
variable and no option, because everybody on a machine can read the options of a command, and a password may be in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from standfast.problem import Problem, Problems

LEDGER_VARIABLE = "STANDFAST_LEDGER"
# Strict, so that no part of a password is ever taken for the name of a host, which is shown.
HOST = r"(?:[\w.%-]*|\[[\w:.%]*\])(?::\d+)?"
ADDRESS = re.compile(
    rf"postgres(?:ql)?://(?:[^@/?#\s]*@)?(?P<shown>{HOST}(?:,{HOST})*(?:/[\w.%-]*)?)(?:\?[^@#\s]*)?", re.ASCII
)


@dataclass(frozen=True)
class Database:
    """The ledger called `name` in a PostgreSQL. Shown without user and password."""

    url: str = field(repr=False)
    name: str

    def __str__(self) -> str:
        match = ADDRESS.fullmatch(self.url)
        return f"{self.name} in postgresql://{match['shown'] if match else '…'}"


Ledger = Path | Database


@dataclass(frozen=True)
class Workspace:
    """`system` names the ledger in a database; the folder's own name does where it is not known."""

    root: Path
    system: str = ""

    @classmethod
    def of(cls, system: str, out: str | None) -> Workspace:
        """The folder the user named with --out, else `out/<system>` below the current folder."""
        return cls(Path(out) if out else Path("out") / system, system)

    @property
    def plan(self) -> Path:
        return self.root / "plan.json"

    @property
    def holds_plan(self) -> bool:
        """Whether `build` wrote a plan here; Terraform's own plan.json is another thing."""
        try:
            with self.plan.open(encoding="utf-8") as file:
                return '"format_version"' not in file.read(200)
        except (OSError, UnicodeDecodeError):
            return False

    @property
    def ledger(self) -> Ledger:
        """Raises Problems where the variable is no address of PostgreSQL."""
        url = os.environ.get(LEDGER_VARIABLE)
        if not url:
            return self.root / "ledger.sqlite"
        if not ADDRESS.fullmatch(url):
            fix = "write postgresql://user@host:5432/database, what is special in a password as %2F; or use ~/.pgpass"
            raise Problems([Problem(f"{LEDGER_VARIABLE} is no address of PostgreSQL", "it is not shown here", fix)])
        return Database(url, self.system or self.root.resolve().name)

    @property
    def code(self) -> Path:
        """A folder for each language below it."""
        return self.root / "code"

    @property
    def terraform(self) -> Path:
        return self.code / "terraform"

    @property
    def watch(self) -> Path:
        """A folder for each monitor below it."""
        return self.root / "watch"

    @property
    def docs(self) -> Path:
        return self.root / "docs"

    @property
    def report(self) -> Path:
        return self.root / "report.html"

    def world(self, name: str) -> Path:
        """State that a world keeps between calls: `emulator`, `lab`."""
        return self.root / name

    @contextmanager
    def locked(self, what: str) -> Generator[None]:
        """Hold the folder for one run. The lock goes with the process, however that ends.

        Raises Problems, naming the other run, when the folder is in use.
        """
        import fcntl

        path = self.root / ".lock"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            fix = "choose another folder with --out DIR, or make this one writable"
            raise Problems([Problem(f"{self.root} cannot be written", error.strerror or str(error), fix)]) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                other = os.pread(handle, 200, 0).decode(errors="replace").strip()
                fix = "wait for it to end, or use another folder with --out DIR"
                raise Problems([Problem(f"{self.root} is in use", f"by {other}", fix)]) from error
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"standfast {what} (process {os.getpid()})\n".encode(), 0)
            yield
        finally:
            os.close(handle)
