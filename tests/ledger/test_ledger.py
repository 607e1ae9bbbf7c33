"""The ledger is append-only, and whoever changes it behind its back is found out."""

from __future__ import annotations

import ast
import hashlib
import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from standfast.ledger import append, append_measured, entries, measured, newest, verify
from standfast.ledger.record import COLUMNS, hash_of
from standfast.problem import Problems
from standfast.promise import Measured

DRILL = Measured("reliability.rto.corruption", 1.9, "2026-11-23T10:00:00Z", "lab", "drill/1", "100 MiB")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    append(path, what="apply", subject="shop", verdict="kept", world="emulator", details={"created": 167, "at": "über"})
    append_measured(path, DRILL, what="drill", subject="restore", verdict="kept")
    append(path, what="audit", subject="shop", verdict="broken", measure="security.checks", value=2, world="emulator")
    return path


def tamper(path: Path, sql: str) -> None:
    raw = sqlite3.connect(path)
    raw.executescript(f"DROP TRIGGER no_update; DROP TRIGGER no_delete; {sql}")
    raw.close()


def fault(path: Path, seen: str = "") -> tuple[int, str]:
    """The record that `verify` names, and what it says."""
    found = verify(path, seen)
    assert found is not None
    return found.place.line, found.what


def test_what_was_written_is_read_back(ledger: Path) -> None:
    assert [one.what for one in entries(ledger)] == ["apply", "drill", "audit"]
    assert measured(ledger)[0] == DRILL
    assert [one.value for one in entries(ledger, "audit")] == [2]
    assert verify(ledger) is None


def test_a_measurement_that_never_ended_stays_a_failure(ledger: Path) -> None:
    never = Measured("reliability.rto.zone", None, "2026-11-23T11:00:00Z", "lab", "drill/2", "never came back", True)
    append_measured(ledger, never, what="drill", subject="lose_primary", verdict="broken")
    assert measured(ledger)[-1] == never


def test_an_absent_ledger_is_empty_and_stays_absent(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"
    assert (entries(path), measured(path), verify(path), path.exists()) == ([], [], None, False)
    assert fault(path, seen="a" * 64) == (1, "record 1 is missing")


def test_the_hash_is_the_one_the_documentation_describes(ledger: Path) -> None:
    """An oracle: the hash made by hand from the raw columns, with no code of ours."""
    raw = sqlite3.connect(ledger)
    raw.row_factory = sqlite3.Row
    for row in raw.execute("SELECT * FROM evidence"):
        record = dict(row)
        wanted = record.pop("hash")
        record["value"], record["details"] = json.loads(record["value"]), json.loads(record["details"])
        text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(text.encode("utf-8")).hexdigest() == wanted
    raw.close()


def test_the_table_itself_refuses_changes(ledger: Path) -> None:
    raw = sqlite3.connect(ledger)
    for sql in ("UPDATE evidence SET verdict = 'kept'", "DELETE FROM evidence"):
        with pytest.raises(sqlite3.DatabaseError, match="append only"):
            raw.execute(sql)
    raw.close()


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("column", [name for name in COLUMNS if name not in ("number", "previous")])
def test_a_changed_column_is_found_and_its_record_named(ledger: Path, column: str, number: int) -> None:
    value = "'{}'" if column == "details" and number == 1 else "'7'"
    tamper(ledger, f"UPDATE evidence SET {column} = {value} WHERE number = {number}")
    assert fault(ledger) == (number, f"record {number} was altered")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_cut_chain_is_found(ledger: Path, number: int) -> None:
    tamper(ledger, f"UPDATE evidence SET previous = '7' WHERE number = {number}")
    assert fault(ledger) == (number, f"record {number} does not follow the one before it")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_missing_record_is_found_the_last_one_too(ledger: Path, number: int) -> None:
    tamper(ledger, f"DELETE FROM evidence WHERE number = {number}")
    assert fault(ledger) == (number, f"record {number} is missing")


def test_a_renumbered_record_is_found(ledger: Path) -> None:
    tamper(ledger, "UPDATE evidence SET number = 12 WHERE number = 3")
    assert fault(ledger) == (3, "record 3 is missing")


def test_swapped_records_are_found(ledger: Path) -> None:
    tamper(
        ledger,
        "UPDATE evidence SET number = 9 WHERE number = 1; UPDATE evidence SET number = 1 WHERE number = 2;"
        "UPDATE evidence SET number = 2 WHERE number = 9;",
    )
    assert fault(ledger)[0] == 1


def test_a_record_forged_with_its_own_right_hash_is_found(ledger: Path) -> None:
    forged = replace(entries(ledger)[0], verdict="broken")
    tamper(ledger, f"UPDATE evidence SET verdict = 'broken', hash = '{hash_of(forged)}' WHERE number = 1")
    assert fault(ledger) == (2, "record 2 does not follow the one before it")


def test_a_forged_last_record_is_found(ledger: Path) -> None:
    forged = replace(entries(ledger)[2], verdict="kept")
    tamper(ledger, f"UPDATE evidence SET verdict = 'kept', hash = '{hash_of(forged)}' WHERE number = 3")
    assert fault(ledger) == (3, "record 3 was added past the ledger")


def test_records_put_in_by_hand_are_found(ledger: Path) -> None:
    more = replace(entries(ledger)[2], number=4, verdict="kept", previous=newest(ledger)[1])
    row = {**more.__dict__, "value": "2", "details": "{}", "hash": hash_of(more)}
    raw = sqlite3.connect(ledger)
    with raw:
        raw.execute(f"INSERT INTO evidence VALUES ({','.join('?' * len(COLUMNS))})", [row[name] for name in COLUMNS])
    raw.close()
    assert fault(ledger) == (4, "record 4 was added past the ledger")


def test_a_chain_written_anew_is_found_by_a_hash_kept_elsewhere(ledger: Path, tmp_path: Path) -> None:
    seen = newest(ledger)[1]
    append(ledger, what="audit", subject="shop", verdict="kept")
    assert verify(ledger, seen) is None, "what came after it is no fault"
    other = tmp_path / "other.sqlite"
    append(other, what="audit", subject="shop", verdict="kept")
    assert verify(other) is None, "a new chain is sound in itself"
    assert "no record has the hash" in fault(other, seen)[1]


def test_a_record_that_is_not_ours_is_named_not_thrown(ledger: Path) -> None:
    tamper(ledger, "UPDATE evidence SET details = 'no JSON', verdict = x'ff' WHERE number = 2")
    assert fault(ledger) == (2, "record 2 was altered")


def test_a_torn_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    for number in range(200):  # several pages, so that the end of the file is not its beginning
        append(path, what="drill", subject=f"{number}" * 20, verdict="kept", details={"text": "x" * 300})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3] + b"\0" * (len(whole) - len(whole) * 2 // 3))
    number, what = fault(path)
    assert number > 1 and f"record {number}" in what


def test_a_file_that_is_no_ledger_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database, and long enough to be read as one" * 50)
    for reading in (entries, verify, measured):
        with pytest.raises(Problems, match="cannot be used"):
            reading(path)


def test_a_record_that_comes_later_closes_no_gap(ledger: Path) -> None:
    tamper(ledger, "DELETE FROM evidence WHERE number = 3")
    append(ledger, what="audit", subject="shop", verdict="kept")
    assert fault(ledger) == (3, "record 3 is missing")


def test_an_end_that_was_taken_away_is_missed_for_ever(ledger: Path) -> None:
    tamper(ledger, "DELETE FROM newest; DELETE FROM evidence WHERE number = 3")
    assert fault(ledger) == (2, "the end of the ledger is gone")
    append(ledger, what="audit", subject="shop", verdict="kept")
    assert fault(ledger) == (3, "record 3 does not follow the one before it")


def test_what_is_no_text_is_a_problem(ledger: Path) -> None:
    with pytest.raises(Problems, match="no text"):
        append(ledger, what="audit", subject="\udcff", verdict="kept")
    assert verify(ledger) is None and len(entries(ledger)) == 3


def test_two_processes_append_to_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    code = (
        "import sys; from pathlib import Path; from standfast.ledger import append\n"
        "for n in range(25): append(Path(sys.argv[1]), what='drill', subject=str(n), verdict='kept')"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert len(entries(path)) == 75 and verify(path) is None


def test_a_process_killed_while_it_appends_leaves_a_sound_chain(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    code = (
        "import sys; from pathlib import Path; from standfast.ledger import append\n"
        "while True: append(Path(sys.argv[1]), what='drill', subject='x', verdict='kept', details={'y': 'z' * 5000})\n"
    )
    for _ in range(4):
        running = subprocess.Popen([sys.executable, "-c", code, str(path)])
        while not (path.exists() and path.stat().st_size > 20_000):
            assert running.poll() is None
        running.kill()
        running.wait()
        assert verify(path) is None
        append(path, what="audit", subject="shop", verdict="kept")
        assert verify(path) is None


def test_every_record_says_where_it_is_from() -> None:
    """Of whatever writes a record in this program; who and when are filled in where nobody says."""
    without = []
    for path in sorted((Path(__file__).parents[2] / "src" / "standfast").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "append":
                named = {one.arg for one in node.keywords}
                if not {"source", None} & named:  # None: the fields of `note`, which has a test of its own
                    without.append(f"{path.name}:{node.lineno}")
    assert without == []
