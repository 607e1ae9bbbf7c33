"""The folder that the lab's servers write to: below the system's output, or elsewhere when that is closed to them."""

from __future__ import annotations

import importlib.util
import secrets
import shutil
import tempfile
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.worlds.lab.binaries import User, can_reach, can_run, find_postgres, unprivileged, within_reach
from standfast.worlds.lab.postgres import Site
from standfast.worlds.lab.processes import Owned

PREFIX = "standfast-lab-"
ROOT = "run as an ordinary user, or install PostgreSQL where everybody can read it"
ELSEWHERE = "room.txt"  # holds the path of a room that is not below the lab's folder


def make_site(folder: Path, option: str | Path | None = None) -> Site:
    """Everything the servers share. `folder` stays ours; only the room in it belongs to the servers' user.

    Raises Problems where PostgreSQL is missing, or there is no user to run it as.
    """
    if importlib.util.find_spec("psycopg") is None:
        raise Problems([Problem("psycopg is not installed", "it is the lab's client", "pip install 'standfast[lab]'")])
    postgres, user, owned = find_postgres(option), unprivileged(), Owned(folder)
    try:
        room = folder / "room"
        room.mkdir(parents=True, mode=0o700)
        user.own(room)
        if not can_reach(room, user):
            room = _elsewhere(folder, user)
        if not can_run(postgres, user):
            postgres = within_reach(postgres, room)
        if not can_reach(room, user) or not can_run(postgres, user):
            raise Problems([Problem("PostgreSQL does not run here", f"tried {postgres.bin} in {room}", ROOT)])
        (room / "archive").mkdir(mode=0o700)
        user.own(room / "archive")
    except OSError as error:
        raise Problems([Problem("the lab's folder cannot be made", str(error), "choose another --out DIR")]) from error
    return Site(postgres, user, room, owned, secrets.token_urlsafe(24))


def _elsewhere(folder: Path, user: User) -> Path:
    room = Path(tempfile.mkdtemp(prefix=PREFIX))
    (folder / ELSEWHERE).write_text(f"{room}\n", encoding="utf-8")
    user.own(room)
    return room


def remove_room(folder: Path) -> None:
    """Remove the room of this lab, wherever it is, and nothing else."""
    shutil.rmtree(folder / "room", ignore_errors=True)
    record = folder / ELSEWHERE
    try:
        other = Path(record.read_text(encoding="utf-8").strip())
    except OSError:
        return
    if other.name.startswith(PREFIX) and other.parent == Path(tempfile.gettempdir()) and not other.is_symlink():
        shutil.rmtree(other, ignore_errors=True)
    record.unlink(missing_ok=True)
