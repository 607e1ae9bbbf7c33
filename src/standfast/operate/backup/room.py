"""Where backups live on this machine: the key, the tools' own settings, and which two stores were named.

Nothing of it is in the system's output folder: that is shown, shared and thrown away.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfast.files import write_atomically
from standfast.problem import Problem, Problems, quoted
from standfast.workspace import Workspace
from standfast.worlds.lab.binaries import User, can_reach

STATE_VARIABLE, KEY_VARIABLE = "STANDFAST_STATE", "STANDFAST_BACKUP_KEY"
STORES = ("near", "offsite")
WORKING, SOCKET, SOCKETS = "working-", "socket", "sf-"  # folders of a run, and of the socket of a server in one
KEY_FORM = re.compile(r"[\x21-\x7e]{16,512}")
S3 = re.compile(r"s3://([a-z0-9][a-z0-9.-]{2,62})(?:/([A-Za-z0-9._/-]*))?")


def state_folder(system: str) -> Path:
    """STANDFAST_STATE, else where programs keep their state: of all users for root, else of this one."""
    said = os.environ.get(STATE_VARIABLE)
    usual = Path("/var/lib") if os.geteuid() == 0 else Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state")
    return (Path(said) if said else usual / "standfast").expanduser().absolute() / system


@dataclass(frozen=True)
class Room:
    """`folder` belongs to whom the tool runs as; `key` to us alone."""

    system: str
    store: str
    folder: Path
    user: User

    @classmethod
    def of(cls, system: str, store: str, user: User) -> Room:
        """Make the folders, 0700. Raises Problems where they cannot be made, or the tool's user cannot get there."""
        root = state_folder(system)
        folder = root / store
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o711)
            folder.mkdir(exist_ok=True, mode=0o700)
            user.own(folder)
        except OSError as error:
            fix = f"name a folder of yours in {STATE_VARIABLE}"
            raise Problems([Problem(f"{folder} cannot be made", str(error), fix)]) from error
        if not can_reach(folder, user):
            fix = f"name another folder in {STATE_VARIABLE}, below folders that everybody may enter"
            raise Problems([Problem(f"whom the database runs as cannot enter {folder}", fix=fix)])
        return cls(system, store, folder, user)

    def key(self, *, make: bool = False) -> tuple[str, bool]:
        """The key that all copies are encrypted with, and whether it was made just now.

        From the variable STANDFAST_BACKUP_KEY, else from a file of ours (0600). Raises Problems.
        """
        said = os.environ.get(KEY_VARIABLE)
        if said is not None:
            return _sound(said, KEY_VARIABLE), False
        path = self.key_file
        try:
            if path.stat().st_mode & 0o077:
                fix = f"chmod 600 {path}, and think about who may have read it"
                raise Problems([Problem(f"others may read the key in {path}", fix=fix)])
            return _sound(path.read_text(encoding="ascii").strip(), str(path)), False
        except FileNotFoundError:
            if not make:
                why = f"neither {KEY_VARIABLE} nor {path} is there, and without the key no copy can be read"
                raise Problems([Problem("there is no key", why, "bring the key back from where it is kept")]) from None
        except (OSError, UnicodeDecodeError) as error:
            raise Problems([Problem(f"the key in {path} cannot be read", str(error))]) from error
        made = secrets.token_urlsafe(48)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(made + "\n")
        return made, True

    def clean(self) -> None:
        """Remove what a killed run left that worked alone: data that was decrypted is among it."""
        for left in self.folder.glob(f"{WORKING}*"):
            beside = left / SOCKET
            if beside.is_symlink() and beside.readlink().name.startswith(SOCKETS):
                shutil.rmtree(beside.readlink(), ignore_errors=True)
            shutil.rmtree(left, ignore_errors=True)

    @property
    def key_file(self) -> Path:
        return self.folder.parent / "backup.key"

    def private(self, name: str, text: str) -> Path:
        """Write a file that only the tool's user may read; whole or not at all."""
        path, partial = self.folder / name, self.folder / f".{name}.{os.getpid()}"
        try:
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(text)
            self.user.own(partial)
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise Problems([Problem(f"{path} cannot be written", str(error), "free some space")]) from error
        return path


def _sound(key: str, where: str) -> str:
    if not KEY_FORM.fullmatch(key):
        why = "a key is 16 to 512 characters without spaces"
        raise Problems(
            [Problem(f"what {where} holds is no key", why, "make one: openssl rand -base64 48 | tr -d '\\n'")]
        )
    return key


def named_stores(space: Workspace, store: str, given: dict[str, str | None], room: Path) -> dict[str, str]:
    """Where the two copies of a store go: what is given now (and below it, by the store's name), else what was used
    before; `near` has a default.

    `room`: where the default is. Raises Problems where no offsite store is known.
    """
    found = {"near": str(room / "near"), **_remembered(space).get(store, {})}
    found |= {name: f"{_address(said, f'--{name}')}/{store}" for name, said in given.items() if said}
    if not found.get("offsite"):
        fix = "--offsite DIR on another disk or machine, or --offsite s3://BUCKET/PREFIX; it is remembered"
        why = "one store that burns, is deleted or encrypted takes the data and its only copy"
        raise Problems([Problem(f"no offsite store is known for {store}", why, fix)])
    if found["near"] == found["offsite"] or _inside(found["near"], found["offsite"]):
        raise Problems([Problem("both copies would be in one place", found["near"], "name another --offsite")])
    return {name: found[name] for name in STORES}


def remembered_data(space: Workspace, store: str) -> str | None:
    """The folder of files that was backed up before."""
    return _remembered(space).get(store, {}).get("data")


def remember(space: Workspace, store: str, stores: dict[str, str]) -> None:
    """Keep the addresses (and `data`, a folder of files), which hold no secret, for the next run."""
    known = _remembered(space)
    if known.get(store) != stores:
        space.root.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**known, store: stores}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        (space.root / "backup").mkdir(exist_ok=True)
        write_atomically(space.root / "backup" / "stores.json", text)


def _remembered(space: Workspace) -> dict[str, dict[str, str]]:
    try:
        read: Any = json.loads((space.root / "backup" / "stores.json").read_text(encoding="utf-8"))
        return {
            str(store): {str(k): str(v) for k, v in one.items() if k in (*STORES, "data")}
            for store, one in read.items()
        }
    except (OSError, ValueError, AttributeError):
        return {}


def _address(said: str, option: str) -> str:
    if "://" in said:
        if not S3.fullmatch(said):
            fix = "write s3://BUCKET/PREFIX, or the path of a folder"
            raise Problems([Problem(f"{option} {quoted(said)} is not a store", fix=fix)])
        return said.rstrip("/")
    if not said.isprintable() or any(one in said for one in "'\"\\%"):
        raise Problems([Problem(f"{option} {quoted(said)} cannot be a store", "quotes and signs in a path")])
    return str(Path(said).expanduser().absolute())


def _inside(one: str, other: str) -> bool:
    if "://" in one or "://" in other:
        return False
    return Path(one) in Path(other).parents or Path(other) in Path(one).parents


def one_disk(stores: dict[str, str]) -> Problem | None:
    """A warning where both copies are folders of one disk."""
    folders = [Path(one) for one in stores.values() if "://" not in one]
    try:
        same = len(folders) == 2 and folders[0].stat().st_dev == folders[1].stat().st_dev
    except OSError:
        return None
    why = "what takes the disk takes both copies"
    fix = "name an --offsite on another machine"
    return Problem("near and offsite are on one disk", why, fix, warning=True) if same else None


@contextmanager
def working(room: Room) -> Generator[Path]:
    """A folder of the tool's user that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=WORKING, dir=room.folder))
    try:
        room.user.own(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_folder(store: str, room: Room) -> None:
    """A new store belongs to the tool's user, and one that is empty; any other is left as it is. Raises Problems."""
    path = Path(store)
    if "://" in store or (path.is_dir() and any(path.iterdir())):
        return
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        room.user.own(path)
    except OSError as error:
        raise Problems([Problem(f"the store {path} cannot be made", str(error), "name another folder")]) from error
