"""What a database holds before a test restore, so that what comes back can be compared with it.

Read twice, with a named point of the log between: a table that reads the same both times is what it was at that point,
and so is what a restore to that point must bring. One that clients write to meanwhile is read, and not compared.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from standfast.operate.backup.target import Database
from standfast.operate.backup.trial import read_tables
from standfast.problem import Problem, Problems

PATIENCE = 60.0  # seconds until the log up to the point is in the stores, while no attempt fails
POINT = "SELECT pg_create_restore_point(%s)"
SWITCH = "SELECT pg_walfile_name(pg_switch_wal())"
FAILED = "SELECT failed_count FROM pg_stat_archiver"
ARCHIVED = "SELECT last_archived_wal >= %s, last_failed_wal, failed_count FROM pg_stat_archiver"


@dataclass(frozen=True)
class Before:
    """`point`: the name that a restore can be asked for. `tables`: name -> rows and digest at that point; `moving`:
    those that changed while they were read."""

    point: str
    tables: Mapping[str, str]
    moving: tuple[str, ...]


def look(database: Database) -> Before:
    """Read all of it twice, and wait until the log between is in the stores. Raises Problems."""
    first, _ = read_tables(database.conninfo)
    point = f"standfast-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    with database.connect() as connection:
        connection.execute(POINT, [point])
        (segment,) = connection.execute(SWITCH).fetchone()
    second, _ = read_tables(database.conninfo)
    _wait_archived(database, str(segment))
    same = {name: told for name, told in first.items() if second.get(name) == told}
    return Before(point, same, tuple(sorted((first.keys() | second.keys()) - same.keys())))


def _wait_archived(database: Database, segment: str) -> None:
    deadline = time.monotonic() + PATIENCE
    with database.connect() as connection:
        (failed,) = connection.execute(FAILED).fetchone()
        while True:
            arrived, last, times = connection.execute(ARCHIVED, [segment]).fetchone()
            if arrived:
                return
            if times > failed or time.monotonic() > deadline:
                why = f"an attempt failed with {last}" if times > failed else f"{segment} did not arrive"
                fix = "standfast backup run SPEC has the server hand its log to both stores"
                raise Problems([Problem("the log of the database is not handed on", why, fix)])
            time.sleep(0.1)


def differences(before: Before, tables: Mapping[str, str]) -> list[str]:
    """What came back otherwise, in words."""
    return [
        f"{name}: was {told}, came back {tables.get(name, 'is missing')}"
        for name, told in sorted(before.tables.items())
        if tables.get(name) != told
    ]
