"""One way to run a backup program: as whom, with which environment, and what it says when it fails."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.programs import find_program, program_version
from standfast.worlds.lab.binaries import User
from standfast.worlds.lab.processes import Owned
from standfast.worlds.process import Process

FULL, MAKE_SPACE = "the disk is full", "free some space there; then run it again: it goes on"
LEAST = 16 * 2**20  # bytes: one file of the database's log
GONE = "there is no store of backups at this place"
# What a program prints -> what is wrong, and what to do. The first that is found counts.
TROUBLES = (
    (r"[Nn]o space left on device|ENOSPC|[Dd]isk quota exceeded|[Ff]ile too large", FULL,
     MAKE_SPACE),
    (
        # 095 is pgBackRest's CryptoError, in whatever words; a wrong key may also make nonsense of a file
        r"wrong password or no key found|key/value found outside of section|unable to decrypt|cipher header invalid"
        r"|ERROR: \[095\]",
        "the key does not open this store",
        "bring the key back that it was made with (STANDFAST_BACKUP_KEY, or the file backup.key)",
    ),
    (
        r"unable to open config file|Is there a repository at|backup\.info.*missing"
        r"|unable to open missing file '[^']*\.info|missing stanza (path|data)|No usable (backup|archive)\.info",
        GONE,
        "mount it, or give it back its old name; where there never was one: standfast backup run SPEC",
    ),
    (
        r"unable to acquire lock|repository is already locked",
        "another run holds the store",
        "wait for it to end; a lock that a killed run left is taken away by the next",
    ),
    (r"recovery ended before configured recovery target", "the log in this store ends before that moment",
     "leave --moment out: all that is there comes back"),
    (r"unexpected (control|WAL) version|is not supported.*PostgreSQL|unsupported.*version",
     "this pgBackRest does not know this version of PostgreSQL",
     "install a newer pgBackRest (2.45 knows PostgreSQL up to 15, 2.55 and newer up to 18), or name it in "
     "STANDFAST_PGBACKREST"),
    (r"unable to find primary cluster|DbConnectError", "the database does not answer pgBackRest",
     "PGUSER and PGPASSWORD (or PGPASSFILE) say as whom"),
    (r"do not match the database|correct stanza", "this store holds the backups of another database",
     "name other places with --near and --offsite; what is there still restores the other one"),
    (r"[Pp]ermission denied|unable to create path|mkdir .*denied", "the store may not be written", "give it to the "
     "user that the database runs as (as root: nobody), or name another folder"),
)  # fmt: skip


def found(name: str, env: str, install: str, oldest: tuple[int, int]) -> tuple[Path, str]:
    """A backup program and its version. Raises Problems where it is missing or older than `oldest`."""
    program = find_program(name, env=env, install=install)
    version = program_version(program, "version")
    if tuple(int(one) for one in version.split(".")[:2]) < oldest:
        raise Problems([Problem(f"{name} {version} is too old", f"{program}", install)])
    return program, version


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return f"{self.out}\n{self.err}"


@dataclass(frozen=True)
class Tool:
    """`environment` may hold secrets; the command line never does."""

    program: Path
    user: User
    owned: Owned
    environment: Mapping[str, str] = field(repr=False)

    def run(self, what: str, arguments: Sequence[str], *, ok: Sequence[int] = (0,), cwd: Path = Path("/")) -> Ran:
        """Run it to its end. Raises Problems with what it said, without what is secret.

        Ctrl-C ends it too; a run that is killed leaves it recorded, and the next one ends it.
        """
        try:
            child = subprocess.Popen(
                [str(self.program), *arguments], cwd=cwd, env=dict(self.environment), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True,
                umask=0o077, **self.user.arguments,
            )  # fmt: skip
        except OSError as error:
            raise Problems([Problem(f"{self.program.name} does not run", str(error), "install it again")]) from error
        self.owned.add(Process.of(child.pid), what)
        try:
            out, err = child.communicate()
        except BaseException:
            os.killpg(child.pid, signal.SIGTERM)  # it leads a group of its own, with those that work for it
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.communicate(timeout=10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
            raise
        ran = Ran(child.returncode, self._clean(out), self._clean(err))
        if ran.code not in ok:
            raise trouble(what, ran.said)
        return ran

    def _clean(self, text: str) -> str:
        for name, value in self.environment.items():
            if len(value) > 7 and re.search(r"PASS|KEY|SECRET", name):
                text = text.replace(value, "…")
        return text


def trouble(what: str, said: str) -> Problems:
    """A Problem from what a program printed: lines, or JSON that holds messages."""
    said = "\n".join(re.findall(r'"message":"((?:[^"\\]|\\.)*)"', said)).replace("\\n", "\n") or said
    said = re.sub(r"(found outside of section) at line.*", r"\1", said)  # what follows is encrypted
    lines = [re.sub(r"^\S+ \S+ P\d\d\s+", "", line.strip()) for line in said.splitlines() if line.strip()]
    lines = [line for line in lines if not line.endswith("the database system is starting up")] or lines
    telling = [line for line in lines if re.match(r"(ERROR|Fatal|error|WARN)", line)] or lines
    for pattern, meaning, fix in TROUBLES:
        if re.search(pattern, said):
            hit = [line for line in lines if re.search(pattern, line)] or telling
            return Problems([Problem(f"{what}: {meaning}", _shown(hit[:1] or telling), fix)])
    return Problems([Problem(f"{what} failed", _shown(telling[:2]))])


@contextlib.contextmanager
def filling(what: str, place: str) -> Generator[None]:
    """Say that the disk is full where it is: pgBackRest (2.45) tells of a file that could not be written, not why."""
    try:
        yield
    except Problems as failure:
        if FULL not in failure.problems[0].what:
            has_space(what, place)
        raise


def has_space(what: str, place: str) -> None:
    """For one file of the database's log, at least. Raises Problems."""
    free = LEAST if "://" in place else shutil.disk_usage(place).free
    if free < LEAST:
        raise Problems([Problem(f"{what}: {FULL}", f"{free / 2**20:.1f} MiB are free at {place}", MAKE_SPACE)])


def _shown(lines: Sequence[str]) -> str:
    return " / ".join("".join(one for one in line if one.isprintable())[:200] for line in lines)


def plain_environment(user: User, folder: Path) -> dict[str, str]:
    """Nothing of the person's own that would steer the tool."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    home = str(folder) if user.uid is not None else os.environ.get("HOME", str(folder))
    return {**kept, "HOME": home, "LC_ALL": "C", "TZ": "UTC"}
