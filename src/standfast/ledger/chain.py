"""The chain: every record carries the hash of the one before it, so an altered, missing or moved record is found.

The hash is SHA-256 over the JSON of the record without its own hash: keys sorted, no spaces, UTF-8, numbers as
Python's `json` writes them (RFC 8785 differs only in numbers no measurement here has). Another program makes the
same hash from the same columns: `value` and `details` are kept as JSON text, the rest as text and number.

The ledger also keeps its own end: the number and hash of the newest record, changed with it in one transaction. So
records cut off the end are missed, and a record that comes later does not close the gap: it follows the end that was
kept. Whoever may write the store can forge the end too, and the whole chain with it: against that, keep the newest hash
in another place and give it to `verify`.

Where the records lie is a store's matter: a file (`sqlite`) or a database (`postgres`), with the same two functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from types import ModuleType
from typing import Any

from standfast.ledger.record import FIRST, Evidence, Torn, hash_of, record_of, row_of
from standfast.problem import Place, Problem, Problems
from standfast.promise import Measured
from standfast.workspace import Ledger


def _store(ledger: Ledger) -> ModuleType:
    from standfast.ledger import postgres, sqlite

    return sqlite if isinstance(ledger, Path) else postgres


def append(
    ledger: Ledger,
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
    store = _store(ledger)
    with store.writing(ledger) as ((last, previous), put):
        record = Evidence(
            last + 1, what, subject, verdict, measure, value, world, at or now(), who or _user(), source, note,
            dict(details or {}), previous, "",
        )  # fmt: skip
        try:
            record = replace(record, hash=hash_of(record))
        except UnicodeEncodeError as error:
            raise Problems([Problem("a record holds what is no text", error.reason, "write it in UTF-8")]) from error
        put(row_of(record))
    return record


def append_measured(ledger: Ledger, one: Measured, *, what: str, subject: str, verdict: str) -> Evidence:
    """Add one measurement of a promise."""
    details = {"failed": True} if one.failed else {}
    return append(
        ledger, what=what, subject=subject, verdict=verdict, measure=one.measure, value=one.value, world=one.world,
        source=one.evidence, note=one.note, at=one.when,
        details=details | ({} if one.full else {"scale": one.scale}),
    )  # fmt: skip


def entries(ledger: Ledger, what: str = "") -> list[Evidence]:
    """All records in their order, or those of one kind. An absent ledger has none."""
    store = _store(ledger)
    with store.reading(ledger) as held:
        try:
            records = [] if held is None else [record_of(row) for row in held[1]]
        except (Torn, ValueError, TypeError) as error:
            raise Problems([store.unreadable(ledger, str(error))]) from error
    return [record for record in records if not what or record.what == what]


def measured(ledger: Ledger) -> list[Measured]:
    """Every measurement of a promise, oldest first."""
    return [_measured(one) for one in entries(ledger) if one.measure]


def _measured(one: Evidence) -> Measured:
    failed, scale = bool(one.details.get("failed")), float(one.details.get("scale", 1.0))
    return Measured(one.measure, one.value, one.at, one.world, one.source, one.note, failed, scale)


def newest(ledger: Ledger) -> tuple[int, str]:
    """Number and hash of the newest record; keep the hash elsewhere. (0, zeros) for an empty ledger."""
    records = entries(ledger)
    return (records[-1].number, records[-1].hash) if records else (0, FIRST)


def verify(ledger: Ledger, seen: str = "") -> Problem | None:
    """The first record that was altered, moved, torn, or is missing; None for a sound chain.

    `seen`: a hash that was the newest once; a chain that does not hold it any more is not that chain.
    """
    store = _store(ledger)
    name = store.called(ledger)
    with store.reading(ledger) as held:
        if held is None:
            return _wrong(name, 1, "record 1 is missing", "there is no ledger") if seen else None
        end, rows = held
        previous, number, hashes = FIRST, 0, {FIRST}
        while True:
            number += 1
            try:
                row = next(rows, None)
            except Torn as error:
                return _wrong(name, number, f"record {number} cannot be read", str(error))
            if row is None:
                break
            found = _fault(row, number, previous)
            if found:
                return _wrong(name, number, *found)
            previous = row[-1]
            hashes.add(previous)
    last = number - 1
    if (end or (0, FIRST)) != (last, previous):
        if end is None:
            return _wrong(name, last, "the end of the ledger is gone", "records after this one may be, too")
        if end[0] > last:
            return _wrong(name, number, f"record {number} is missing", f"the ledger has held {end[0]} records")
        return _wrong(name, last, f"record {last} was added past the ledger", "its end was not written with it")
    if seen and seen not in hashes:
        return _wrong(
            name, last, f"no record has the hash {seen[:12]}…", "the chain was written anew, or cut before it"
        )
    return None


def _fault(row: tuple, number: int, previous: str) -> tuple[str, str] | None:
    """What is wrong with one row, and why; None for a sound one."""
    if row[0] != number:
        return f"record {number} is missing", f"record {row[0]} follows {number - 1}"
    try:
        record = record_of(row)
        right = hash_of(record)
    except (ValueError, TypeError) as error:
        return f"record {number} was altered", f"it cannot be read: {error}"
    if record.previous != previous:
        return f"record {number} does not follow the one before it", "a record was replaced"
    if record.hash != right:
        return f"record {number} was altered", f"{record.what} of {record.at}"
    return None


def _wrong(name: str, number: int, what: str, why: str) -> Problem:
    fix = "restore the ledger from a backup; trust nothing from this record on"
    return Problem(what, why, fix, Place(name, number))


def now() -> str:
    """The time in UTC to the second, as records carry it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return "unknown"
