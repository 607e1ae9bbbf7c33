"""The folder that the hosts' own folders are in: below the system's output, or elsewhere where that cannot be."""

from __future__ import annotations

import importlib.util
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.worlds.lab.binaries import (
    Postgres,
    User,
    can_reach,
    can_run,
    find_postgres,
    unprivileged,
    within_reach,
)
from standfast.worlds.lab.room import elsewhere, remove_rooms, rooms

__all__ = ["make_room", "password", "remove_rooms", "rooms"]
PLAIN = re.compile(r"/[A-Za-z0-9_./-]+")  # what needs no quotes in any program's configuration
LONGEST = 60  # characters: a unix socket's path has at most 107
NOWHERE = Postgres(Path("/nowhere"), "")  # there is no PostgreSQL, and nothing needs one
SPARE = 0.75  # GiB: empty servers with their logs, and the logs of everything else
FIX = "free some space, or use another disk with --out DIR"


@dataclass(frozen=True)
class Place:
    """Where the lab stands: the room, whom its servers run as, and the programs that were found. `calm`: it is watched
    every few seconds, where a drill is by the second."""

    room: Path
    user: User
    postgres: Postgres
    found: Mapping[str, Path]
    calm: bool = True

    def root(self, host: str) -> Path:
        return self.room / host


def make_room(
    folder: Path, option: str | Path | None = None, databases: bool = True
) -> tuple[Path, User, Postgres, list[Problem]]:
    """An empty room, whom its programs run as, and a PostgreSQL that they can run; or NOWHERE, and why. `databases`:
    whether there are any. Raises Problems."""
    for package in ("psycopg", "httptools"):
        if importlib.util.find_spec(package) is None:
            what = f"{package} is not installed"
            raise Problems([Problem(what, "the lab's services need it", "pip install 'standfast[lab]'")])
    user, postgres, lacks = unprivileged(), NOWHERE, list[Problem]()
    try:
        postgres = find_postgres(option) if databases or option else NOWHERE
    except Problems as problems:
        if option:
            raise
        lacks = list(problems.problems)
    try:
        room = folder / "room"
        room.mkdir(parents=True, mode=0o755)
        user.own(room)
        if not PLAIN.fullmatch(str(room)) or len(str(room)) > LONGEST or not can_reach(room, user):
            room.rmdir()
            room = elsewhere(folder, user)
        room.chmod(0o711)
        free = shutil.disk_usage(room).free / 2**30
        if free < SPARE:
            why = f"{SPARE:g} GiB are wanted at {room}, and {free:.2f} GiB are free"
            raise Problems([Problem("the disk is too small for the lab", why, FIX)])
        if postgres is not NOWHERE and not can_run(postgres, user):
            postgres = within_reach(postgres, room)
        if not can_reach(room, user) or (postgres is not NOWHERE and not can_run(postgres, user)):
            raise Problems(
                [Problem("PostgreSQL does not run here", f"tried {postgres.bin} in {room}", "run as an ordinary user")]
            )
    except OSError as error:
        raise Problems([Problem("the lab's folder cannot be made", str(error), "choose another --out DIR")]) from error
    return room, user, postgres, lacks


def password(room: Path, name: str) -> str:
    """One of the lab's own passwords: made up once, in a file for the user alone."""
    path = room / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24) + "\n")
    return path.read_text().strip()
