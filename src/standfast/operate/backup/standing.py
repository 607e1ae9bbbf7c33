"""How things stand: what could be lost now against the RPO, and how old the last verification and test restore are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from standfast.operate.backup import evidence
from standfast.operate.backup.opening import Backups
from standfast.operate.backup.retention import Copy, is_sound
from standfast.operate.backup.room import STORES
from standfast.operate.backup.tools.pgbackrest import PgBackRest
from standfast.operate.backup.work import known_copies, why_kept
from standfast.plan.schedule import DAY, RESTORE_TEST
from standfast.problem import Problem, Problems
from standfast.promise import Verdict
from standfast.workspace import Ledger

LATE = 1.5  # times its interval: a timer that was missed once
# The oldest file of the log that waits to be handed on, and whether handing on fails: what is not in a store yet.
WAITING = """SELECT extract(epoch FROM clock_timestamp() - min(modification))::float8
    FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'"""
FAILING = """SELECT pg_is_in_recovery(), coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false),
    coalesce(last_failed_wal, ''), current_setting('archive_command') FROM pg_stat_archiver"""


@dataclass(frozen=True)
class Line:
    """One thing that is judged: seconds, against seconds that are allowed (None: nothing was promised)."""

    store: str
    what: str
    seconds: float | None
    allowed: float | None
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True)
class Listed:
    """`copies`: near or offsite -> its copies, oldest first; `why`: their names -> why they stay."""

    store: str
    copies: dict[str, list[Copy]]
    why: dict[str, dict[str, tuple[str, ...]]]
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]
    reaches: Mapping[str, float]  # near or offsite -> Unix time up to which it brings the data back


def listed(one: Backups, now: float | None = None) -> Listed:
    """Look, and change nothing. A store that cannot be read is a Problem, and its verdict unknown."""
    now = time.time() if now is None else now
    copies: dict[str, list[Copy]] = {}
    why: dict[str, dict[str, tuple[str, ...]]] = {}
    lines, problems, reaches = [], [], {}
    waiting = _waiting(one)
    for store in STORES:
        try:
            copies[store] = known_copies(one, store)
            why[store] = why_kept(one, store, copies[store])
            loss = _loss(one, store, copies[store], waiting, now)
            lines.append(loss)
            reaches |= {} if loss.seconds is None else {store: now - loss.seconds}
        except Problems as failure:
            problems += failure.problems
            copies[store], why[store] = [], {}
            lines.append(
                Line(one.store.name, f"loss from {store}", None, one.schedule.rpo, "unknown", failure.problems[0].what)
            )
    lines += ages(one.ledger, one.store.name, now)
    return Listed(one.store.name, copies, why, tuple(lines), tuple(problems), reaches)


def _waiting(one: Backups) -> tuple[float, str] | None:
    """Seconds that are not handed on yet, and what is wrong; None where the server does not answer."""
    if one.database is None or one.schedule.log is None:
        return None
    try:
        with one.database.connect() as connection:
            oldest = connection.execute(WAITING).fetchone()[0]
            follows, fails, which, command = connection.execute(FAILING).fetchone()
    except Problems:
        return None
    note = f"handing on {which} fails" if fails else ""
    if follows or "archive-push" not in command:
        return None  # it hands on nothing, or to somebody else
    return max(oldest or 0.0, one.schedule.log), note


def _loss(one: Backups, store: str, copies: list[Copy], waiting: tuple[float, str] | None, now: float) -> Line:
    """What a loss at this moment would take: all since the newest that could be restored from this store."""
    rpo, what = one.schedule.rpo, f"loss from {store}"
    known = {copy.name: copy for copy in copies}
    sound = [copy for copy in copies if is_sound(copy, known)]
    if not sound:
        return Line(one.store.name, what, None, rpo, "broken", "no sound backup")
    newest = max(copy.at for copy in sound)
    if isinstance(one.tool, PgBackRest):
        arrived = max(one.tool.newest_log(store) or 0.0, newest)
        seconds, note = now - arrived, "since the newest of the log arrived"
        if waiting is not None and (waiting[1] or seconds > waiting[0]):
            idle = not waiting[1]
            seconds = waiting[0] if idle else seconds
            note = waiting[1] or "the server hands on all it writes, at the latest after that"
    else:
        seconds, note = now - newest, "since the newest backup"
    seconds = max(seconds, 0.0)
    verdict: Verdict = "kept" if rpo is None or seconds <= rpo else "broken"
    return Line(one.store.name, what, seconds, rpo, verdict, note)


def last_run(ledger: Ledger, store: str, now: float) -> Line:
    """How long ago a backup was taken to both places. Whether that is soon enough, `standfast backup list` says."""
    newest, good = evidence.last(ledger, store, "run"), evidence.last(ledger, store, "run", "kept")
    failed = newest is None or newest.verdict != "kept"
    seconds = evidence.seconds_since(good.at, now) if good else None
    late = seconds is None or seconds > DAY * LATE
    return Line(
        store, "backup", seconds, DAY * LATE, "broken" if failed or late else "kept", newest.note if newest else ""
    )


def ages(ledger: Ledger, store: str, now: float) -> list[Line]:
    """How long ago everything was verified, and a backup was restored to try it: from the ledger alone."""
    found = []
    for action, what, every in (("verify", "verified", DAY), ("restore_test", "test restore", RESTORE_TEST)):
        newest, good = evidence.last(ledger, store, action), evidence.last(ledger, store, action, "kept")
        allowed = every * LATE
        if newest is None:
            found.append(Line(store, what, None, allowed, "unknown", "never done"))
            continue
        seconds = evidence.seconds_since(good.at, now) if good else None
        failed = newest.verdict != "kept"
        verdict: Verdict = "broken" if failed or seconds is None or seconds > allowed else "kept"
        found.append(Line(store, what, seconds, allowed, verdict, newest.note if failed else ""))
    return found


def metrics(lists: Iterable[tuple[Backups, Listed]]) -> str:
    """The text file for node_exporter."""
    rows: list[tuple[str, dict[str, str], float]] = []
    for one, seen in lists:
        labels = {"system": one.system.name, "store": one.store.name}
        if one.schedule.rpo is not None:
            rows.append(("standfast_backup_rpo_seconds", labels, one.schedule.rpo))
        for store in STORES:
            rows += _store_rows(one, seen, store, {**labels, "copy": store})
        for action, name in (("verify", "standfast_backup_verify"), ("restore_test", "standfast_restore_test")):
            newest: Any = evidence.last(one.ledger, one.store.name, action)
            record = newest if action == "verify" else evidence.last(one.ledger, one.store.name, action, "kept")
            if action == "restore_test" and newest is not None:
                rows.append((f"{name}_failed", labels, float(newest.verdict != "kept")))
            if record is not None:
                rows.append((f"{name}_timestamp_seconds", labels, evidence.unix(record.at)))
                if action == "restore_test":
                    rows.append((f"{name}_seconds", labels, float(record.details.get("seconds", 0.0))))
    return evidence.metrics_text(rows)


def _store_rows(
    one: Backups, seen: Listed, store: str, labels: dict[str, str]
) -> Iterable[tuple[str, dict[str, str], float]]:
    copies = seen.copies[store]
    known = {copy.name: copy for copy in copies}
    sound = [copy.at for copy in copies if is_sound(copy, known)]
    yield "standfast_backup_copies", labels, float(len(copies))
    if sound:
        yield "standfast_backup_timestamp_seconds", labels, max(sound)
    record = evidence.last(one.ledger, one.store.name, "verify")
    if record is not None:
        wrong = (record.details.get("wrong") or {}).get(one.stores[store], {})
        yield "standfast_backup_wrong", labels, float(len(wrong))
    if isinstance(one.tool, PgBackRest) and store in seen.reaches:
        yield "standfast_backup_log_timestamp_seconds", labels, seen.reaches[store]
