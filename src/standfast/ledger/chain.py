"""The chain: every record carries the hash of the one before it, so an altered, missing or moved record is found.

The hash is SHA-256 over the JSON of the record without its own hash: keys sorted, no spaces, UTF-8, numbers as
Python's `json` writes them (RFC 8785 differs only in numbers no measurement here has). Another program makes the
same hash from the same columns: `value` and `details` are kept as JSON text, the rest as text and number.

The ledger also keeps its own end: the number and hash of the newest record, changed with it in one transaction. So
records cut off the end are missed. Whoever may write the file can forge the end too, and the whole chain with it:
against that, keep the newest hash in another place and give it to `verify`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Any

from standfast.problem import Place, Problem, Problems
from standfast.promise import Measured

COLUMNS = (
    "number", "what", "subject", "verdict", "measure", "value", "world", "at", "who", "source", "note", "details",
    "previous", "hash",
)  # fmt: skip
SCHEMA = f"""CREATE TABLE IF NOT EXISTS evidence (number INTEGER PRIMARY KEY, {", ".join(COLUMNS[1:])});
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TABLE IF NOT EXISTS newest (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER, hash TEXT);"""
INSERT = f"INSERT INTO evidence VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our own words only
SELECT = f"SELECT {', '.join(COLUMNS)} FROM evidence ORDER BY number"  # noqa: S608
FIRST = "0" * 64  # what stands before the first record


@dataclass(frozen=True)
class Evidence:
    """One record. `what`: audit, drill, apply, drift … `subject`: the system, or the drill's name.

    `measure` and `value` are those of a promise where the record measured one, else "" and None; `world` and
    `source` say where it was seen and where the raw record lies.
    """

    number: int
    what: str
    subject: str
    verdict: str
    measure: str
    value: float | None
    world: str
    at: str
    who: str
    source: str
    note: str
    details: Mapping[str, Any]
    previous: str
    hash: str


def append(
    path: Path,
    *,
    what: str,
    subject: str,
    verdict: str,
    measure: str = "",
    value: float | None = None,
    world: str = "",
    source: str = "",
    note: str = "",
    details: Mapping[str, Any] | None = None,
    at: str = "",
    who: str = "",
) -> Evidence:
    """Add one record; two processes that append at once wait for each other. Raises Problems when it cannot."""
    with _open(path) as ledger:
        ledger.execute("BEGIN IMMEDIATE")  # takes the write lock before reading what stands last
        last = ledger.execute("SELECT number, hash FROM evidence ORDER BY number DESC LIMIT 1").fetchone()
        number, previous = (last[0] + 1, last[1]) if last else (1, FIRST)
        record = Evidence(
            number, what, subject, verdict, measure, value, world, at or now(), who or _user(), source, note,
            dict(details or {}), previous, "",
        )  # fmt: skip
        record = replace(record, hash=hash_of(record))
        row = [_stored(name, getattr(record, name)) for name in COLUMNS]
        ledger.execute(INSERT, row)
        ledger.execute("INSERT OR REPLACE INTO newest VALUES (1, ?, ?)", (record.number, record.hash))
        ledger.commit()
    return record


def append_measured(path: Path, one: Measured, *, what: str, subject: str, verdict: str) -> Evidence:
    """Add one measurement of a promise."""
    details = {"failed": True} if one.failed else {}
    return append(
        path, what=what, subject=subject, verdict=verdict, measure=one.measure, value=one.value, world=one.world,
        source=one.evidence, note=one.note, at=one.when,
        details=details | ({} if one.full else {"scale": one.scale}),
    )  # fmt: skip


def entries(path: Path, what: str = "") -> list[Evidence]:
    """All records in their order, or those of one kind. An absent ledger has none."""
    if not path.exists():
        return []
    with _open(path) as ledger:
        rows = ledger.execute(SELECT).fetchall()
    try:
        records = [Evidence(**_loaded(dict(zip(COLUMNS, row, strict=True)))) for row in rows]
    except (ValueError, TypeError) as error:
        raise Problems([_unreadable(path, str(error))]) from error
    return [record for record in records if not what or record.what == what]


def measured(path: Path) -> list[Measured]:
    """Every measurement of a promise, oldest first."""
    return [_measured(one) for one in entries(path) if one.measure]


def _measured(one: Evidence) -> Measured:
    failed, scale = bool(one.details.get("failed")), float(one.details.get("scale", 1.0))
    return Measured(one.measure, one.value, one.at, one.world, one.source, one.note, failed, scale)


def newest(path: Path) -> tuple[int, str]:
    """Number and hash of the newest record; keep the hash elsewhere. (0, zeros) for an empty ledger."""
    records = entries(path)
    return (records[-1].number, records[-1].hash) if records else (0, FIRST)


def verify(path: Path, seen: str = "") -> Problem | None:
    """The first record that was altered, moved, torn, or is missing; None for a sound chain.

    `seen`: a hash that was the newest once; a chain that does not hold it any more is not that chain.
    """
    if not path.exists():
        return _wrong(path, 1, "record 1 is missing", "there is no ledger") if seen else None
    with _open(path) as ledger:
        end = ledger.execute("SELECT number, hash FROM newest").fetchone()
        previous, number, hashes = FIRST, 0, {FIRST}
        rows = ledger.execute(SELECT)
        while True:
            number += 1
            try:
                row = rows.fetchone()
            except sqlite3.Error as error:
                return _wrong(path, number, f"record {number} cannot be read", str(error))
            if row is None:
                break
            found = _fault(row, number, previous)
            if found:
                return _wrong(path, number, *found)
            previous = row[-1]
            hashes.add(previous)
    last = number - 1
    if end is not None and end != (last, previous):
        if end[0] > last:
            return _wrong(path, number, f"record {number} is missing", f"the ledger has held {end[0]} records")
        return _wrong(path, last, f"record {last} was added past the ledger", "its end was not written with it")
    if seen and seen not in hashes:
        return _wrong(
            path, last, f"no record has the hash {seen[:12]}…", "the chain was written anew, or cut before it"
        )
    return None


def _fault(row: tuple, number: int, previous: str) -> tuple[str, str] | None:
    """What is wrong with one row, and why; None for a sound one."""
    if row[0] != number:
        return f"record {number} is missing", f"record {row[0]} follows {number - 1}"
    try:
        record = Evidence(**_loaded(dict(zip(COLUMNS, row, strict=True))))
        right = hash_of(record)
    except (ValueError, TypeError) as error:
        return f"record {number} was altered", f"it cannot be read: {error}"
    if record.previous != previous:
        return f"record {number} does not follow the one before it", "a record was replaced"
    if record.hash != right:
        return f"record {number} was altered", f"{record.what} of {record.at}"
    return None


def _wrong(path: Path, number: int, what: str, why: str) -> Problem:
    fix = "restore the ledger from a backup; trust nothing from this record on"
    return Problem(what, why, fix, Place(path.name, number))


def hash_of(record: Evidence) -> str:
    content = {name: value for name, value in asdict(record).items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def now() -> str:
    """The time in UTC to the second, as records carry it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return "unknown"


def _stored(name: str, value: Any) -> Any:
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if name in ("details", "value") else value


def _loaded(row: dict[str, Any]) -> dict[str, Any]:
    """Numbers are kept as JSON text, so that a whole number stays the same text and the same hash."""
    return {**row, "details": json.loads(row["details"]), "value": json.loads(row["value"])}


@contextmanager
def _open(path: Path) -> Generator[sqlite3.Connection]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        ledger = sqlite3.connect(path, timeout=30, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise Problems([_unreadable(path, str(error))]) from error
    try:
        ledger.executescript(SCHEMA)
        yield ledger
    except sqlite3.Error as error:
        raise Problems([_unreadable(path, str(error))]) from error
    finally:
        ledger.close()


def _unreadable(path: Path, why: str) -> Problem:
    fix = "check the file and the disk; keep it aside before starting a new ledger"
    return Problem(f"the ledger {path.name} cannot be used", why, fix, Place(path.name))
