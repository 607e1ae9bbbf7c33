"""What is backed up: the database of the lab that stands, one whose folder was named, or a folder of files."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standfast.problem import Problem, Problems, quoted
from standfast.spec import System
from standfast.spec.model import Store
from standfast.workspace import Workspace
from standfast.worlds.lab.binaries import User


@dataclass(frozen=True)
class Database:
    """A PostgreSQL server on this machine. `data`: its folder; `others`: those of its standbys,
    each with the connection to it. `world`: `lab`, or `host` for one that was named."""

    data: Path
    conninfo: dict[str, Any] = field(repr=False)
    user: User
    world: str
    others: Sequence[tuple[Path, dict[str, Any]]] = field(default=(), repr=False)

    @contextmanager
    def connect(self, conninfo: dict[str, Any] | None = None) -> Generator[Any]:
        """Raises Problems for whatever goes wrong with it."""
        import psycopg

        try:
            with psycopg.connect(
                **(conninfo or self.conninfo), autocommit=True, options="-c synchronous_commit=local"
            ) as one:
                yield one
        except psycopg.Error as error:
            said = (str(error).splitlines() or [type(error).__name__])[0]
            fix = "PGUSER and PGPASSWORD (or PGPASSFILE) say as whom"
            raise Problems([Problem(f"the database in {self.data} does not answer", said, fix)]) from error

    def follows(self) -> bool:
        """Whether it takes what another server writes. Raises Problems."""
        with self.connect() as connection:
            return bool(connection.execute("SELECT pg_is_in_recovery()").fetchone()[0])


def database_of(system: System, store: Store, space: Workspace, spec: str, data: str | None) -> Database:
    """The database of a store. Raises Problems where none runs."""
    found = _named(Path(data)) if data else _of_lab(store, space)
    if found is None:
        fix = f"standfast lab up {spec}, or name the data folder of a server on this machine: --data DIR"
        raise Problems([Problem(f"no database {store.name} runs here", "the lab does not stand", fix)])
    return found


def _of_lab(store: Store, space: Workspace) -> Database | None:
    from standfast.worlds.lab.system.world import SystemLab

    lab = SystemLab(space.world("lab") / "system")
    if not lab.open() or not lab.stands:
        return None
    cluster = next((one for one in lab.clusters() if one.name == store.name), None)
    leader = cluster.leader() if cluster else None
    if cluster is None or leader is None:
        raise Problems([Problem(f"no server of {store.name} accepts writes", "in the lab", "standfast lab status")])
    others = tuple((one.data, one.conninfo()) for one in cluster.nodes if one.name != leader.name and one.runs)
    return Database(leader.data, leader.conninfo(), lab.site().user, "lab", others)


def _named(folder: Path) -> Database:
    """Where it listens stands in `postmaster.pid` (PostgreSQL's source: miscadmin.h, LOCK_FILE_LINE_*)."""
    folder = folder.absolute()
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
        port, socket, host = lines[3], lines[4], lines[5]
        owner = folder.stat()
    except (OSError, IndexError) as error:
        why = f"{folder / 'postmaster.pid'}: {error}"
        raise Problems(
            [Problem(f"no PostgreSQL runs in {quoted(folder)}", why, "start it, or name its data folder")]
        ) from error
    if os.geteuid() not in (0, owner.st_uid):
        fix = "run this as the user that the database runs as"
        raise Problems([Problem(f"{folder} belongs to another user", fix=fix)])
    user = User(owner.st_uid, owner.st_gid) if os.geteuid() == 0 and owner.st_uid else User()
    at = socket or ("127.0.0.1" if host in ("*", "0.0.0.0", "") else host)
    conninfo = {
        "host": at, "port": int(port), "dbname": os.environ.get("PGDATABASE", "postgres"), "connect_timeout": 5,
        **({"user": os.environ["PGUSER"]} if "PGUSER" in os.environ else {}),
    }  # fmt: skip
    return Database(folder, conninfo, user, "host")


def files_of(store: Store, spec: str, folder: str | None) -> Path:
    """The folder that holds the objects of a store. Raises Problems where it is not one, or is empty."""
    if not folder:
        why = "restic reads files: a mounted bucket, or a copy of it that is kept in step"
        fix = f"standfast backup run {spec} --store {store.name} --data DIR"
        raise Problems([Problem(f"where are the files of {store.name}?", why, fix)])
    path = Path(folder).absolute()
    if not path.is_dir():
        raise Problems([Problem(f"{quoted(folder)} is not a folder", fix="name the folder of the files: --data DIR")])
    if not any(path.iterdir()):
        why = "an empty folder is what a mount that failed looks like"
        raise Problems([Problem(f"{quoted(folder)} is empty", why, "mount it; nothing was backed up")])
    return path
