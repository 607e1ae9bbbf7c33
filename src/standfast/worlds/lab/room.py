"""The folder that the lab's servers write to: below the system's output, or elsewhere when that is closed to them."""

from __future__ import annotations

import importlib.util
import secrets
import shutil
import tempfile
from pathlib import Path

from standfast.files import write_atomically
from standfast.problem import Problem, Problems
from standfast.worlds.lab.binaries import User, can_reach, can_run, find_postgres, unprivileged, within_reach
from standfast.worlds.lab.postgres import Site
from standfast.worlds.lab.processes import Owned

SPARE = 0.25  # GiB: the log and the catalog of empty servers
PREFIX = "standfast-lab-"
ROOT = "run as an ordinary user, or install PostgreSQL where everybody can read it"
ELSEWHERE = "room.txt"  # holds the path of a room that is not below the lab's folder


def make_site(folder: Path, option: str | Path | None = None, gib: float = 0.0) -> Site:
    """Everything the servers share, for `gib` GiB of data. `folder` stays ours; only the room in it belongs to the
    servers' user. Raises Problems where PostgreSQL is missing, there is no user to run it as, or no space.
    """
    if importlib.util.find_spec("psycopg") is None:
        raise Problems([Problem("psycopg is not installed", "it is the lab's client", "pip install 'standfast[lab]'")])
    postgres, user, owned = find_postgres(option), unprivileged(), Owned(folder)
    try:
        room = private_room(folder, user)
        if not can_run(postgres, user):
            postgres = within_reach(postgres, room)
        if not can_reach(room, user) or not can_run(postgres, user):
            raise Problems([Problem("PostgreSQL does not run here", f"tried {postgres.bin} in {room}", ROOT)])
        check_space(room, gib)
        (room / "archive").mkdir(mode=0o700)
        user.own(room / "archive")
    except OSError as error:
        raise Problems([Problem("the lab's folder cannot be made", str(error), "choose another --out DIR")]) from error
    return Site(postgres, user, room, owned, secrets.token_urlsafe(24))


def private_room(folder: Path, user: User) -> Path:
    """A new one, which this user alone can enter. Raises OSError."""
    room = folder / "room"
    room.mkdir(parents=True, mode=0o700)
    user.own(room)
    return room if can_reach(room, user) else elsewhere(folder, user)


def elsewhere(folder: Path, user: User) -> Path:
    """Written down before it is made, so that it is found whatever happens in between."""
    room = Path(tempfile.gettempdir(), PREFIX + secrets.token_hex(4))
    write_atomically(folder / ELSEWHERE, f"{room}\n")
    room.mkdir(mode=0o700)
    user.own(room)
    return room


def rooms(folder: Path) -> list[Path]:
    """The rooms of this lab that are there: below its folder, and where the record says; nothing else."""
    found = [folder / "room"]
    try:
        other = Path((folder / ELSEWHERE).read_text(encoding="utf-8").strip())
    except OSError:
        other = None
    if other and other.name.startswith(PREFIX) and other.parent == Path(tempfile.gettempdir()):
        found.append(other)
    return [room for room in found if room.is_dir() and not room.is_symlink()]


def remove_rooms(folder: Path) -> None:
    for room in rooms(folder):
        shutil.rmtree(room, ignore_errors=True)
    (folder / ELSEWHERE).unlink(missing_ok=True)


def check_space(room: Path, gib: float) -> None:
    """Raises Problems when the disk is too small: the data is there up to four times, with a log of the same size."""
    free, wanted = shutil.disk_usage(room).free / 2**30, 6 * gib + SPARE
    if free < wanted:
        why = f"{wanted:,.1f} GiB are wanted at {room}, and {free:,.1f} GiB are free"
        fix = "use less with --data, free some space, or use another disk with --out DIR"
        raise Problems([Problem("the disk is too small for the lab", why, fix)])
