"""The output folder of one system: where every room puts what it made, and a lock so that two do not collide.

out/<system>/plan.json  code/<language>/  watch/<monitor>/  docs/  audit/  drill/<time>/  emulator/
ledger.sqlite  report.html
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from standfast.problem import Problem, Problems


@dataclass(frozen=True)
class Workspace:
    root: Path

    @classmethod
    def of(cls, system: str, out: str | None) -> Workspace:
        """The folder the user named with --out, else `out/<system>` below the current folder."""
        return cls(Path(out) if out else Path("out") / system)

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
    def ledger(self) -> Path:
        return self.root / "ledger.sqlite"

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

        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / ".lock"
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
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
