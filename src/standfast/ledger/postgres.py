"""The ledger in PostgreSQL: for several machines. The database itself refuses what does not follow the newest record.

Every ledger of a database stands in the same two tables of the schema `standfast`, by its name. Who may only `INSERT`
and `SELECT` can append: the end is moved by a trigger with its owner's rights, and by nothing else. An owner of the
tables can still take the triggers away, and then the chain tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from standfast.ledger.record import COLUMNS, FIRST, LOST, End, Torn
from standfast.problem import Place, Problem, Problems
from standfast.workspace import Database

PATIENCE = 30  # seconds that a writer waits for the one before it
LOCK = 0x57FA57  # the first half of an advisory lock's number; the second is a ledger's name's, 0 for making tables
EXISTS = "SELECT to_regclass('standfast.evidence') IS NOT NULL"
INSERT = f"INSERT INTO standfast.evidence (ledger, {', '.join(COLUMNS)}) VALUES (%s{', %s' * len(COLUMNS)})"  # noqa: S608
SELECT = f"SELECT {', '.join(COLUMNS)} FROM standfast.evidence WHERE ledger = %s ORDER BY number"  # noqa: S608
END = "SELECT number, hash FROM standfast.newest WHERE ledger = %s"
LAST = "SELECT max(number) FROM standfast.evidence WHERE ledger = %s"


def called(ledger: Database) -> str:
    return str(ledger)


@contextmanager
def reading(ledger: Database) -> Generator[tuple[End | None, Iterator[tuple]] | None]:
    """The end as the ledger keeps it, and its rows in their order, as of one moment; None for an absent ledger."""
    with _open(ledger, write=False) as connection:
        if not connection.execute(EXISTS).fetchone()[0]:
            yield None
            return
        with closing(_rows(connection, ledger)) as rows:
            yield connection.execute(END, [ledger.name]).fetchone(), rows


def _rows(connection: Any, ledger: Database) -> Generator[tuple]:
    import psycopg

    try:
        with connection.cursor(name="records") as cursor:  # in parts, however many there are
            yield from cursor.execute(SELECT, [ledger.name])
    except psycopg.Error as error:
        raise Torn(_told(error, ledger)) from error


@contextmanager
def writing(ledger: Database) -> Generator[tuple[End, Callable[[Sequence[Any]], None]]]:
    """The end, and what adds the row after it. Writers of one ledger wait for one another, on whichever machine."""
    with _open(ledger, write=True) as connection:
        connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        if not connection.execute(EXISTS).fetchone()[0]:
            connection.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LOCK])
            if not connection.execute(EXISTS).fetchone()[0]:  # nobody made them while we waited
                connection.execute(files("standfast.ledger").joinpath("schema.sql").read_text())
        connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, ledger.name])
        end = connection.execute(END, [ledger.name]).fetchone()
        if end is None:
            last = connection.execute(LAST, [ledger.name]).fetchone()[0]
            end = (0, FIRST) if last is None else (last, LOST)
        yield end, lambda row: connection.execute(INSERT, [ledger.name, *row])


@contextmanager
def _open(ledger: Database, *, write: bool) -> Generator[Any]:
    """One transaction, which is kept when the block ends well. A reader sees one moment, a writer what is newest."""
    try:
        import psycopg
    except ImportError as error:
        fix = "pip install 'standfast[ledger]'"
        raise Problems([Problem("psycopg is not installed", "the ledger is in PostgreSQL", fix)]) from error
    more: dict[str, Any] = {} if "connect_timeout" in ledger.url else {"connect_timeout": PATIENCE}
    try:
        with psycopg.connect(ledger.url, application_name="standfast", client_encoding="UTF8", **more) as connection:
            levels = psycopg.IsolationLevel
            connection.isolation_level = levels.READ_COMMITTED if write else levels.REPEATABLE_READ
            connection.read_only = not write
            yield connection
    except psycopg.Error as error:
        raise Problems([unreadable(ledger, _told(error, ledger))]) from error


def _told(error: Exception, ledger: Database) -> str:
    """What the driver says, without what nobody should read in a log."""
    said = str(error)
    for secret in re.findall(r"//[^:@/]*:([^@/]+)@|[?&]password=([^&]+)", ledger.url):
        for word in filter(None, secret):
            said = said.replace(unquote(word), "…").replace(word, "…")
    lines = [line.strip() for line in said.replace(ledger.url, str(ledger)).splitlines() if line.strip()]
    return " / ".join(line for line in lines if not line.startswith("CONTEXT:"))[:400]


def unreadable(ledger: Database, why: str) -> Problem:
    fix = "check the address in STANDFAST_LEDGER, and what its user may do; docs/evidence.md says what it needs"
    return Problem(f"the ledger {ledger} cannot be used", why, fix, Place(""))
