"""The remedies of the lab's database: a standby, its promotion, the return of a lost server, the log of it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.worlds.database import NotRecovered
from standfast.worlds.lab.contents import accepts_writes
from standfast.worlds.lab.postgres import ADMIN, Server, Site, failed, in_recovery

# Seconds for a standby to catch up, or for a file of the log to be archived: after three attempts that failed, which a
# busy machine may bring, PostgreSQL waits a minute.
PATIENCE = 75.0
# Streaming, and it has caught up: a standby on the wrong history streams too, for a moment.
STREAMING = """SELECT count(*) FROM pg_stat_replication
    WHERE state = 'streaming' AND application_name = %s AND replay_lsn >= %s::pg_lsn"""
NOW = "SELECT pg_current_wal_lsn()::text"
# A record in the log, with a commit: without one since the last switch there would be nothing to switch, and a restore
# to a moment ends only at the first commit after it.
MARK = "SELECT pg_logical_emit_message(true, 'standfast', 'restore')"
SWITCH = "SELECT pg_walfile_name(pg_switch_wal())"
ARCHIVED = "SELECT count(*) FROM pg_stat_archiver WHERE last_archived_wal >= %s"


def follow(server: Server, leader: Server) -> None:
    """Start `server` as a streaming standby of `leader`, and wait until it streams."""
    host, port = leader.address
    settings = {
        "primary_conninfo": f"host={host} port={port} user={ADMIN} application_name={server.name} sslmode=disable",
        "hot_standby": "on",
        "recovery_target_timeline": "latest",
    }
    signal(server, "standby.signal")
    server.start(settings, until_writable=False)
    position = leader.ask(NOW)
    if not _happens(lambda: leader.ask(STREAMING, [server.name, position])):
        raise Problems([Problem(f"the lab's {server.name} does not follow its {leader.name}", f"see {server.log}")])


def promote(standby: Server) -> None:
    """Make a standby accept writes. Returns as soon as it does. Raises Problems when it does not."""
    with standby.connect() as connection:
        connection.execute("SELECT pg_promote(false)")
        promoted = _happens(lambda: not in_recovery(connection), every=0.005)
    if not promoted or not accepts_writes(standby):
        raise Problems([Problem(f"the lab's {standby.name} was promoted, and accepts no writes", f"see {standby.log}")])


def rejoin(lost: Server, leader: Server) -> None:
    """Bring a server that was lost back as a standby of the one that took over: rewound to what that one has."""
    with leader.connect() as connection:
        connection.execute("CHECKPOINT")  # until then its control file tells pg_rewind of the old timeline
    host, port = leader.address
    source = f"host={host} port={port} user={ADMIN} dbname=postgres sslmode=disable"
    lost.site.run("pg_rewind", "-D", str(lost.data), f"--source-server={source}", "--no-sync")
    follow(lost, leader)


def archive_rest(primary: Server) -> None:
    """Close the file of the log that is being written, and wait until it is in the archive. Raises NotRecovered."""
    primary.ask(MARK)
    name = primary.ask(SWITCH)
    if not _happens(lambda: primary.ask(ARCHIVED, [name])):
        raise NotRecovered("the log was not archived", f"{name} did not arrive within {PATIENCE:.0f} s")


def copied(site: Site, source: Path, target: Path) -> int:
    """Copy a folder for the user the servers run as. Bytes copied. Raises Problems when the disk is full."""
    copied = 0

    def one(here: str, there: str) -> str:
        nonlocal copied
        shutil.copyfile(here, there)
        Path(there).chmod(0o600)
        site.user.own(Path(there))
        copied += Path(there).stat().st_size
        return there

    try:
        shutil.copytree(source, target, copy_function=one)
        for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
            folder.chmod(0o700)
            site.user.own(folder)
    except (OSError, shutil.Error) as error:
        raise failed("the backup could not be copied", str(error)) from error
    return copied


def signal(server: Server, name: str) -> None:
    signal_in(server.site, server.data, name)


def signal_in(site: Site, data: Path, name: str) -> None:
    """An empty file whose name tells PostgreSQL, at its start, what it is to be."""
    for other in ("standby.signal", "recovery.signal"):
        (data / other).unlink(missing_ok=True)
    (data / name).touch(mode=0o600)
    site.user.own(data / name)


def _happens(asked: Callable[[], object], every: float = 0.02) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not asked():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
