"""MariaDB's programs: all of one installation, found by its server; and the libraries that were unpacked beside it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.programs import find_program
from standfast.worlds.lab.binaries import linked

VARIABLE = "STANDFAST_MARIADBD"
INSTALL = (
    f"install MariaDB (Debian: apt-get install mariadb-server-core mariadb-client), or name mariadbd in {VARIABLE}"
)
NEEDED = ("mariadb", "mariadb-binlog", "mariadb-dump", "mariadb-install-db")


@dataclass(frozen=True)
class MariaDB:
    """`base`: the folder that has `bin` and `share`; `libraries`: where it finds what is not the system's."""

    server: Path
    base: Path
    libraries: str

    def program(self, name: str) -> str:
        return str(self.base / "bin" / name)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        own = {"LD_LIBRARY_PATH": self.libraries} if self.libraries else {}
        return {**kept, **own, "LC_ALL": "C", "TZ": "UTC"}


def find_mariadb() -> MariaDB:
    """Raises Problems that say what to install."""
    server = find_program(("mariadbd", "/usr/sbin/mariadbd"), env=VARIABLE, install=INSTALL).resolve()
    base = server.parent.parent
    lacking = [name for name in NEEDED if not (base / "bin" / name).exists()]
    if lacking:
        raise Problems([Problem(f"{', '.join(lacking)} is not beside {server}", "it belongs to MariaDB", INSTALL)])
    beside = [str(path) for path in sorted(base.glob("lib/*-linux-gnu"))] if base != Path("/usr") else []
    told = [*beside, *filter(None, [os.environ.get("LD_LIBRARY_PATH", "")])]
    return MariaDB(server, base, ":".join(told))


def within_reach(mariadb: MariaDB, folder: Path) -> MariaDB:
    """What is needed of it below `folder`, for a user that cannot read where it lies; links, where the disk allows."""
    if mariadb.base == Path("/usr"):
        raise Problems(
            [Problem("MariaDB cannot be run here", f"{mariadb.server} is closed", "run as an ordinary user")]
        )
    base = folder / "mariadb"
    try:
        for name in (*NEEDED, "my_print_defaults", "resolveip"):
            _copied(mariadb.base / "bin" / name, base / "bin" / name)
        _copied(mariadb.server, base / mariadb.server.relative_to(mariadb.base))
        shutil.copytree(mariadb.base / "share/mysql", base / "share/mysql", copy_function=linked, symlinks=True)
        for path in mariadb.base.glob("lib/*-linux-gnu/lib*.so*"):
            if path.name.startswith(("liburing", "libaio")):
                _copied(path, base / path.relative_to(mariadb.base))
    except OSError as error:
        raise Problems([Problem("MariaDB cannot be copied", str(error), "run as an ordinary user")]) from error
    beside = [str(path) for path in sorted(base.glob("lib/*-linux-gnu"))]
    return MariaDB(base / mariadb.server.relative_to(mariadb.base), base, ":".join(beside))


def _copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    linked(str(source.resolve()), str(target))
