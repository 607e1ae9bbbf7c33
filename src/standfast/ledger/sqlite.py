"""The ledger as one SQLite file: for one machine, and with nothing to set up."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from standfast.ledger.record import COLUMNS, FIRST, LOST, End, Torn
from standfast.problem import Place, Problem, Problems

SCHEMA = f"""CREATE TABLE IF NOT EXISTS evidence (number INTEGER PRIMARY KEY, {", ".join(COLUMNS[1:])});
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TABLE IF NOT EXISTS newest (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER, hash TEXT);"""
INSERT = f"INSERT INTO evidence VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our own words only
SELECT = f"SELECT {', '.join(COLUMNS)} FROM evidence ORDER BY number"  # noqa: S608
END = "SELECT number, hash FROM newest"


def called(path: Path) -> str:
    return path.name


@contextmanager
def reading(path: Path) -> Generator[tuple[End | None, Iterator[tuple]] | None]:
    """The end as the ledger keeps it, and its rows in their order, as of one moment; None for an absent ledger."""
    if not path.exists():
        yield None
        return
    with _open(path) as ledger:
        ledger.execute("BEGIN")
        with closing(_rows(ledger)) as rows:
            yield ledger.execute(END).fetchone(), rows


def _rows(ledger: sqlite3.Connection) -> Generator[tuple]:
    try:
        yield from ledger.execute(SELECT)
    except sqlite3.Error as error:
        raise Torn(str(error)) from error


@contextmanager
def writing(path: Path) -> Generator[tuple[End, Callable[[Sequence[Any]], None]]]:
    """The end, and what adds the row after it. Two processes that write at once wait for each other."""
    with _open(path) as ledger:
        ledger.execute("BEGIN IMMEDIATE")  # takes the write lock before reading what stands last
        end = ledger.execute(END).fetchone()
        if end is None:
            last = ledger.execute("SELECT max(number) FROM evidence").fetchone()[0]
            end = (0, FIRST) if last is None else (last, LOST)

        def put(row: Sequence[Any]) -> None:
            ledger.execute(INSERT, row)
            ledger.execute("INSERT OR REPLACE INTO newest VALUES (1, ?, ?)", (row[0], row[-1]))

        yield end, put
        ledger.commit()


@contextmanager
def _open(path: Path) -> Generator[sqlite3.Connection]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        ledger = sqlite3.connect(path, timeout=30, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise Problems([unreadable(path, str(error))]) from error
    try:
        ledger.executescript(SCHEMA)
        yield ledger
    except sqlite3.Error as error:
        raise Problems([unreadable(path, str(error))]) from error
    finally:
        ledger.close()


def unreadable(path: Path, why: str) -> Problem:
    fix = "check the file and the disk; keep it aside before starting a new ledger"
    return Problem(f"the ledger {path.name} cannot be used", why, fix, Place(path.name))
