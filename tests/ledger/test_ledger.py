"""The ledger is append-only, and whoever changes it behind its back is found out."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from standfast.ledger import append, append_measured, entries, measured, verify
from standfast.ledger.chain import COLUMNS
from standfast.problem import Problems
from standfast.promise import Measured

DRILL = Measured("reliability.rto.corruption", 1.9, "2026-11-23T10:00:00Z", "lab", "drill/1", "100 MiB")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    append(path, what="apply", subject="shop", verdict="kept", world="emulator", details={"created": 167})
    append_measured(path, DRILL, what="drill", subject="restore", verdict="kept")
    append(path, what="audit", subject="shop", verdict="broken", measure="security.checks", value=2, world="emulator")
    return path


def tamper(path: Path, sql: str) -> None:
    with sqlite3.connect(path) as raw:
        raw.executescript(f"DROP TRIGGER no_update; DROP TRIGGER no_delete; {sql}")


def test_what_was_written_is_read_back(ledger: Path) -> None:
    assert [one.what for one in entries(ledger)] == ["apply", "drill", "audit"]
    assert measured(ledger)[0] == DRILL
    assert [one.value for one in entries(ledger, "audit")] == [2]
    assert verify(ledger) is None


def test_what_never_came_about_is_not_read_back_as_merely_unknown(tmp_path: Path) -> None:
    never = Measured("reliability.rto.zone", None, "2026-01-01T00:00:00Z", "lab", "drill/1", "not back", failed=True)
    append_measured(tmp_path / "ledger.sqlite", never, what="drill", subject="lose_primary", verdict="broken")
    assert measured(tmp_path / "ledger.sqlite") == [never]


def test_an_absent_ledger_is_empty_and_stays_absent(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"
    assert (entries(path), measured(path), verify(path), path.exists()) == ([], [], None, False)


def test_the_table_itself_refuses_changes(ledger: Path) -> None:
    with sqlite3.connect(ledger) as raw:
        for sql in ("UPDATE evidence SET verdict = 'kept'", "DELETE FROM evidence"):
            with pytest.raises(sqlite3.DatabaseError, match="append only"):
                raw.execute(sql)


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "number"])
def test_a_changed_column_is_found_and_its_record_named(ledger: Path, column: str) -> None:
    value = "'{}'" if column == "details" else "'7'"
    tamper(ledger, f"UPDATE evidence SET {column} = {value} WHERE number = 1")
    found = verify(ledger)
    assert found is not None and ("record 1" in found.what or column == "hash")


def test_a_missing_record_is_found(ledger: Path) -> None:
    tamper(ledger, "DELETE FROM evidence WHERE number = 2")
    assert "record 2 is missing" in str(verify(ledger))


def test_swapped_records_are_found(ledger: Path) -> None:
    tamper(
        ledger,
        "UPDATE evidence SET number = 9 WHERE number = 1; UPDATE evidence SET number = 1 WHERE number = 2;"
        "UPDATE evidence SET number = 2 WHERE number = 9;",
    )
    assert "record 1" in str(verify(ledger))


def test_a_record_forged_with_its_own_right_hash_is_found(ledger: Path) -> None:
    from dataclasses import replace

    from standfast.ledger.chain import hash_of

    forged = replace(entries(ledger)[0], verdict="broken")
    tamper(ledger, f"UPDATE evidence SET verdict = 'broken', hash = '{hash_of(forged)}' WHERE number = 1")
    assert "record 2 does not follow" in str(verify(ledger))


def test_a_file_that_is_no_ledger_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database, and long enough to be read as one" * 50)
    with pytest.raises(Problems, match="cannot be used"):
        entries(path)


def test_two_processes_append_to_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    code = (
        "import sys; from pathlib import Path; from standfast.ledger import append\n"
        "for n in range(25): append(Path(sys.argv[1]), what='drill', subject=str(n), verdict='kept')"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert len(entries(path)) == 75 and verify(path) is None
