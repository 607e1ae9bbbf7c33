"""What is decided of backups, without a tool: what stays, how often, what the words of the spec give."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.operate.backup import evidence
from standfast.operate.backup.retention import Copy, is_sound, needed, reasons, removable
from standfast.operate.backup.room import KEY_VARIABLE, STATE_VARIABLE, Room, named_stores
from standfast.operate.backup.tools import pgbackrest, restic
from standfast.operate.backup.tools.segments import first_gap, segments
from standfast.operate.backup.tools.tool import filling, trouble
from standfast.operate.backup.units import cron, systemd
from standfast.plan.schedule import delay, schedule_of
from standfast.problem import Problems
from standfast.spec import System, parse_spec
from standfast.spec.model import Retention
from standfast.workspace import Workspace
from standfast.worlds.lab.binaries import User

HOUR, DAY = 3600.0, 86_400.0


@st.composite
def histories(draw: st.DrawFn) -> list[Copy]:
    """Chains as pgBackRest makes them: a full one, and others that need it and some of those between."""
    copies: list[Copy] = []
    for number in range(draw(st.integers(0, 12))):
        earlier = [one.name for one in copies]
        needs = draw(st.lists(st.sampled_from(earlier), max_size=3, unique=True)) if earlier else []
        at = number * draw(st.sampled_from([60.0, HOUR, DAY, 30 * DAY]))
        held, wrong = draw(st.sampled_from(["", "", "", "case 1"])), draw(st.sampled_from(["", "", "", "bad"]))
        copies.append(Copy(f"b{number:02}", at, "incr" if needs else "full", 1, tuple(needs), held, wrong))
    return copies


COUNTS = st.builds(Retention, *[st.integers(0, 4)] * 5)


@given(histories(), COUNTS, st.booleans())
def test_pruning_never_takes_the_last_good_one_nor_what_is_held(
    copies: list[Copy], retention: Retention, hold: bool
) -> None:
    gone = {one.name for one in removable(copies, retention, hold)}
    known = {one.name: one for one in copies}
    left = {name: one for name, one in known.items() if name not in gone}
    sound = [one for one in copies if is_sound(one, known)]
    if sound:
        newest = max(one.at for one in sound)
        assert any(one.at == newest and is_sound(one, left) for one in left.values())
    else:
        assert not gone
    assert not gone & {one.name for one in copies if one.held}
    assert not hold or not gone
    for one in left.values():  # whatever stays can still be restored, if it could be before
        assert not needed(one, known) & gone
    assert not removable(list(left.values()), retention, hold)  # a second run finds nothing more


@given(histories(), COUNTS, st.sampled_from([one.name for one in dataclasses.fields(Retention)]))
def test_keeping_more_of_a_period_never_removes_more(copies: list[Copy], retention: Retention, period: str) -> None:
    more = dataclasses.replace(retention, **{period: getattr(retention, period) + 1})
    before, after = removable(copies, retention), removable(copies, more)
    assert {one.name for one in after} <= {one.name for one in before}


@given(histories(), COUNTS)
def test_what_needs_another_goes_before_it(copies: list[Copy], retention: Retention) -> None:
    order = [one.name for one in removable(copies, retention)]
    for one in copies:
        for other in one.needs:
            if one.name in order and other in order:
                assert order.index(one.name) < order.index(other)


def test_a_year_of_days_keeps_the_newest_of_each_period() -> None:
    copies = [Copy(f"d{n:03}", n * DAY + HOUR) for n in range(365)]  # 1970: the first day is a Thursday
    kept = {name: why for name, why in reasons(copies, Retention(0, 7, 4, 12, 2)).items() if why}
    daily, weekly, monthly, yearly = (
        [name for name, why in kept.items() if word in why] for word in ("daily", "weekly", "monthly", "yearly")
    )
    assert daily == [f"d{n}" for n in range(364, 357, -1)]
    assert weekly == ["d364", "d360", "d353", "d346"]  # 31 December is a Thursday, then Sundays
    last_days = (31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)
    assert monthly == [f"d{day - 1:03}" for day in reversed(last_days)]
    assert yearly == ["d364"]  # there is one year only


def spec(rules: str = "", corruption: str = "rpo: 5 min", stores: str = "{kind: postgres}") -> System:
    text = (
        "system: shop\npromises:\n  reliability:\n    recovery: {corruption: {rto: 4 h, "
        f"{corruption}}}}}\nrules: {{{rules}}}\nservices:\n  web: {{image: a/b:1, public: true}}\n"
        f"stores:\n  s: {stores}\n"
    )
    return parse_spec(text, "shop.yaml")


def test_the_words_of_the_spec() -> None:
    assert spec().rules.retention == Retention() and not spec().rules.hold
    system = spec("retention: {daily: 3, yearly: 10}, hold: true")
    assert system.rules.retention == Retention(0, 3, 0, 0, 10) and system.rules.hold


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("retention: {dayly: 3}", "did you mean 'daily'"),
        ("retention: {daily: -1}", "daily: expected a count"),
        ("retention: {daily: 0}", "it keeps no backup"),
        ("retention: 7", "expected periods with counts"),
        ("hold: maybe", "hold"),
    ],
)
def test_words_that_mean_nothing_are_problems(said: str, told: str) -> None:
    with pytest.raises(Problems) as problems:
        spec(said)
    assert told in str(problems.value) and problems.value.problems[0].place.line == 5


@pytest.mark.parametrize(("rpo", "log"), [("5 min", 150.0), ("10 s", 5.0), ("1 day", 3600.0)])
def test_the_log_is_handed_on_within_the_rpo(rpo: str, log: float) -> None:
    system = spec(corruption=f"rpo: {rpo}")
    found = schedule_of(system, system.stores[0])
    assert found.log == log and found.rpo is not None and found.log <= found.rpo / 2 and found.place.line == 4
    assert {one.name for one in found.timers} == {"run-full", "run", "prune", "verify", "restore-test", "list"}


@pytest.mark.parametrize(("rpo", "every"), [("5 min", 120.0), ("1 h", 1800.0), ("7 h", 3 * HOUR), ("3 days", DAY)])
def test_files_are_copied_within_half_of_the_rpo(rpo: str, every: float) -> None:
    system = spec(corruption=f"rpo: {rpo}", stores="{kind: objects}")
    timer = next(one for one in schedule_of(system, system.stores[0]).timers if one.name == "run")
    assert timer.every == every
    assert timer.cron in ("*/2 * * * *", "*/30 * * * *", "0 */3 * * *", "30 3 * * *")


@pytest.mark.parametrize(("rpo", "every"), [("10 s", 60.0), ("5 min", 60.0), ("1 h", 600.0), ("3 days", 3600.0)])
def test_the_figures_for_the_alert_are_younger_than_the_rpo(rpo: str, every: float) -> None:
    system = spec(corruption=f"rpo: {rpo}")
    timer = next(one for one in schedule_of(system, system.stores[0]).timers if one.name == "list")
    assert timer.every == every and delay(timer) == 0


def test_what_no_backup_can_keep_is_a_problem() -> None:
    for rpo, stores, told in (
        ("1 s", "{kind: postgres}", "cannot be kept by a backup"),
        ("1 min", "{kind: objects}", "cannot be kept by a backup"),
        ("1 h", "{kind: redis}", "s is redis: no backup"),
    ):
        system = spec(corruption=f"rpo: {rpo}", stores=stores)
        with pytest.raises(Problems, match=told):
            schedule_of(system, system.stores[0])


def test_units_and_crontab_say_every_command_once() -> None:
    system = spec()
    schedules = [schedule_of(system, system.stores[0], "a%b.yaml")]
    units, lines = systemd("shop", schedules), cron("shop", schedules)
    for timer in schedules[0].timers:
        assert f"OnCalendar={timer.calendar}" in units
        assert f"{timer.cron}\t{timer.command}".replace("%", "\\%") in lines
    assert units.count("ExecStart=") == units.count("OnCalendar=") == 6 and "a%%b.yaml" in units
    assert units.count("OnFailure=shop-backup-s-list.service") == 5  # of all but that one


def test_names_of_the_log_count_up_to_255() -> None:
    """PostgreSQL's XLogFileName: 256 files of 16 MiB to a number in the middle."""
    first, last = "0000000100000000000000FE", "000000010000000100000001"
    assert segments(first, last) == [
        first, "0000000100000000000000FF", "000000010000000100000000", last,
    ]  # fmt: skip
    assert first_gap({first, last}) == "0000000100000000000000FF"
    assert first_gap({first, "0000000100000000000000FF", "000000020000000100000000"}) == ""  # another timeline


def test_a_key_is_made_once_and_only_for_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path))
    room = Room.of("shop", "orders", User())
    with pytest.raises(Problems, match="there is no key"):
        room.key()
    key, made = room.key(make=True)
    assert made and room.key() == (key, False) and room.key_file.stat().st_mode & 0o777 == 0o600
    room.key_file.chmod(0o644)
    with pytest.raises(Problems, match="others may read the key"):
        room.key()
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(Problems, match="holds is no key") as problems:
        room.key()
    assert "short" not in str(problems.value)


def test_two_copies_are_in_two_places(tmp_path: Path) -> None:
    space = Workspace(tmp_path / "out")
    for said, told in (
        ({"near": None, "offsite": None}, "no offsite store"),
        ({"near": "/a", "offsite": "/a"}, "in one place"),
        ({"near": "/a", "offsite": "s3://B"}, "is not a store"),
        ({"near": "/a", "offsite": "/b'c"}, "cannot be a store"),
    ):
        with pytest.raises(Problems, match=told):
            named_stores(space, "orders", said, tmp_path)
    found = named_stores(space, "orders", {"near": None, "offsite": "s3://bucket/copies/"}, tmp_path)
    assert found == {"near": str(tmp_path / "near"), "offsite": "s3://bucket/copies/orders"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ERROR: [082]: write: [28] No space left on device", "the disk is full"),
        ("copy started\nFatal: write /far/x: no space left on device", "the disk is full"),
        ("Fatal: write /far/x: file too large", "the disk is full"),
        ("Fatal: wrong password or no key found", "the key does not open"),
        ("Fatal: unable to open config file: stat nope/config", "no store of backups"),
        ("2026-01-01 00:00:00.000 P00  ERROR: [050]: unable to acquire lock on file", "another run holds the store"),
        ("\x1b[31mhuh", "failed"),
        ("FATAL:  recovery ended before configured recovery target was reached", "ends before that moment"),
        (
            "FATAL:  the database system is starting up\nFATAL:  recovery ended before configured recovery target was "
            "reached",
            "ends before that moment",
        ),
        ('[{"status":{"code":1,"message":"missing stanza path"}}]', "no store of backups"),
        ("ERROR: [046]: unexpected control version = 1800 and catalog version = 1", "does not know this version"),
        ("ERROR: [028]: backup and archive info files exist but do not match the database", "of another database"),
        ("ERROR: unable to open missing file '/d/global/pg_control' for read", "failed"),
    ],
)
def test_what_the_tools_say_becomes_a_problem(said: str, told: str) -> None:
    problem = trouble("the backup", said).problems[0]
    assert told in problem.what and "\x1b" not in str(problem)


def test_metrics_are_what_prometheus_reads(tmp_path: Path) -> None:
    rows = [
        ("standfast_backup_copies", {"store": 'a"b\\c', "copy": "near"}, 3.0),
        ("standfast_restore_test_seconds", {}, 1.5),
    ]
    text = evidence.metrics_text(rows)
    assert 'standfast_backup_copies{copy="near",store="a\\"b\\\\c"} 3\n' in text
    evidence.write_metrics(tmp_path / "a" / "standfast.prom", text)
    assert (tmp_path / "a" / "standfast.prom").read_text() == text


def test_a_restore_is_compared_with_what_was_there() -> None:
    """A table that was written to while it was read tells nothing; every other must come back as it was."""
    from standfast.operate.backup import before, work
    from standfast.operate.backup.trial import Trial

    was = before.Before("point", {"db.public.goods": "2 rows, aa", "db.public.notes": "1 rows, bb"}, ("db.public.log",))
    same = Trial(1.0, 10, {**was.tables, "db.public.log": "9 rows, cc"}, None)
    assert work._compared(same, was).compared == 2 and work._compared(same, None) == same
    for tables in ({**was.tables, "db.public.goods": "2 rows, ab"}, {"db.public.notes": "1 rows, bb"}):
        with pytest.raises(Problems, match=r"1 of 2 tables are not what they were"):
            work._compared(Trial(1.0, 10, tables, None), was)


def test_an_interrupted_restore_leaves_nothing_half_written(tmp_path: Path) -> None:
    from types import SimpleNamespace

    from standfast.operate.backup import work
    from standfast.worlds.lab.binaries import User

    def stopped(store: str, folder: Path, name: str) -> None:
        (folder / "deep").mkdir()
        (folder / "deep" / "half").write_text("half")
        raise KeyboardInterrupt

    copies = [SimpleNamespace(name="one")]
    tool = SimpleNamespace(copies=lambda store: copies, restore=stopped)
    one = SimpleNamespace(tool=tool, room=Room("shop", "orders", tmp_path, User()))
    with pytest.raises(KeyboardInterrupt):
        work.bring(one, "offsite", tmp_path / "back")
    assert not list((tmp_path / "back").iterdir())
    (tmp_path / "back" / "mine").write_text("mine")
    with pytest.raises(Problems, match="is not empty"):
        work.bring(one, "offsite", tmp_path / "back")
    (tmp_path / work.BEGUN).write_text(str(tmp_path / "back"))  # what a run that was killed leaves behind
    tool.restore = lambda store, folder, name: (folder / "whole").write_text("whole")
    work.bring(one, "offsite", tmp_path / "back")
    assert [one.name for one in (tmp_path / "back").iterdir()] == ["whole"]
    assert not (tmp_path / work.BEGUN).exists()


def test_what_a_killed_prune_removed_is_not_missed(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"

    def keep(action: str, **details: dict[str, list[str]]) -> None:
        evidence.keep(ledger, action, "orders", "kept", **details)

    keep("run", taken={"/near": ["a", "b", "c"]})
    keep("pruning", removed={"/near": ["a", "b"]})
    assert list(evidence.expected(ledger, "orders", "/near")) == ["c"]
    keep("prune", removed={"/near": ["a"]}, left={"/near": ["b"]})
    assert sorted(evidence.expected(ledger, "orders", "/near")) == ["b", "c"]


@pytest.mark.parametrize(("tool", "says"), [(pgbackrest, "pgBackRest 2.41"), (restic, "restic 0.13.1 compiled")])
def test_a_program_that_is_too_old_is_told(tool, says, tmp_path, monkeypatch) -> None:
    program = tmp_path / "old"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    monkeypatch.setenv(f"STANDFAST_{tool.__name__.rpartition('.')[2].upper()}", str(program))
    with pytest.raises(Problems, match="is too old"):
        tool.installed()


def test_what_is_encrypted_is_not_shown_where_a_key_is_wrong() -> None:
    said = '[{"message":"[FormatError] key/value found outside of section at line 1: \x01q7J"}]'
    problem = trouble("looking", said).problems[0]
    assert "the key does not open" in problem.what and problem.why.endswith("outside of section")


@pytest.mark.parametrize(("free", "told"), [(1_000_000, "the disk is full"), (10**12, "failed")])
def test_a_disk_that_is_full_is_told_where_the_tool_does_not(free: int, told: str, tmp_path: Path, monkeypatch) -> None:
    """pgBackRest 2.45 says of a full disk that a file could not be written, with another error's number."""
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)
    with pytest.raises(Problems, match=told), filling("the backup to offsite", str(tmp_path)):
        raise trouble("the backup to offsite", "ERROR: [064]: unable to write '/d/a': [2] No such file or directory")
