"""Drills on a real PostgreSQL: a sound lab keeps the promises, and every remedy taken away is found out."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from standfast.drill import Settings, as_json, drill_module, run_drill
from standfast.operate.backup.drilled import copies_for
from standfast.worlds.database import Shape
from standfast.worlds.lab import Lab
from standfast.worlds.lab.copies import Copies
from standfast.worlds.lab.processes import Owned
from tests.drill.pages import page
from tests.drill.simulated import SYSTEM, WANTED
from tests.operate.test_backup_real import program, server_programs
from tests.postgres import need_postgres

pytestmark = pytest.mark.real
SMALL = Shape(gib=0.005)
ROOT = Path(__file__).parents[2]


def drill(
    name: str,
    folder: Path,
    shape: Shape = SMALL,
    world: type[Lab] = Lab,
    postgres: Path | None = None,
    copied_by: Copies | None = None,
    **settings,
):
    need_postgres()
    book = page(name, standby=shape.standby)
    shape = drill_module(name).shape(shape)
    lab = world(folder / "lab", shape, postgres=postgres, copied_by=copied_by)
    followed = {"seconds": 0.5, "zones": 2, "runbook": book, **settings}
    given = Settings("orders", "2026-11-23T12:00:00Z", "drill/d/history.jsonl", **followed)
    outcome = run_drill(name, lab, shape, folder / "drill" / "d", given, WANTED)
    assert not list((folder / "lab").iterdir()), "the lab left something behind"
    assert not Owned(folder / "lab").all()
    return outcome


def values(outcome) -> dict[str, float | None]:
    return {one.measure.removeprefix("reliability."): one.value for one in outcome.judgement.measured}


def test_restore_brings_back_what_was_there(tmp_path) -> None:
    outcome = drill("corruption", tmp_path)
    assert outcome.verdict == "kept", as_json(outcome)
    assert values(outcome)["rto.corruption"] > 0
    assert values(outcome)["rpo.corruption"] is not None
    assert {"PostgreSQL", "psycopg", "Python"} <= set(outcome.versions)
    assert not outcome.problems


class TamperedOffsite:
    """The largest file of the offsite copy is not what it was."""

    def __init__(self, copies: Copies):
        self.copies, self.said = copies, copies.said

    def take(self, site, name, leader, others) -> int:
        taken = self.copies.take(site, name, leader, others)
        stored = (path for path in (site.room / "backup" / name / "offsite" / "backup").rglob("bundle/*"))
        with max(stored, key=lambda path: path.stat().st_size).open("r+b") as data:
            data.seek(10_000)
            data.write(b"nonsense")
        return taken

    def bring(self, *given):
        return self.copies.bring(*given)


def test_standfast_backup_is_what_a_drill_restores_from(tmp_path, monkeypatch) -> None:
    """The same code as the command, from the offsite copy alone; one that is spoilt is found out."""
    monkeypatch.setenv("STANDFAST_PGBACKREST", str(program("pgbackrest")))
    postgres = server_programs()
    outcome = drill("corruption", tmp_path / "sound", postgres=postgres, copied_by=copies_for(SYSTEM, "shop.yaml"))
    wrong = [one for one in outcome.judgement.findings if one.verdict != "kept"]
    assert wrong == []  # its RTO at full size is not what this tells
    assert any("standfast backup, by pgBackRest" in note for note in outcome.judgement.notes)
    assert values(outcome)["rpo.corruption"] == 0.0
    spoilt = TamperedOffsite(copies_for(SYSTEM, "shop.yaml"))
    outcome = drill("corruption", tmp_path / "spoilt", postgres=postgres, copied_by=spoilt)
    assert outcome.verdict == "broken", as_json(outcome)
    assert any("restoring from offsite" in one.note for one in outcome.judgement.findings)


def test_without_the_program_the_lab_has_its_own_way_and_says_so(monkeypatch) -> None:
    monkeypatch.delenv("STANDFAST_PGBACKREST", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    assert copies_for(SYSTEM, "shop.yaml").said == "the lab's own base backup: pgbackrest is not on PATH"


class SkipsTheArchive(Lab):
    """Promised to archive, and does not: the command fails, as with a full or forbidden bucket."""

    def _leading(self) -> dict[str, str]:
        return {**super()._leading(), "archive_command": "true"}


class Tampered(Lab):
    """Some bytes of the backup are not what they were."""

    def back_up(self) -> None:
        super().back_up()
        files = [path for path in (self.kept / "offsite" / "database" / "base").rglob("*") if path.is_file()]
        largest = max(files, key=lambda path: path.stat().st_size)
        with largest.open("r+b") as data:
            data.seek(10_000)
            data.write(b"nonsense")


class Altered(Lab):
    """The restore says it went well, and one row is another."""

    def restore(self, moment: str) -> None:
        super().restore(moment)
        with self.servers["restored"].connect() as connection:
            connection.execute("UPDATE orders SET cents = cents + 1 WHERE id = 77")


class WrongMoment(Lab):
    """Restores to a moment after the damage."""

    def restore(self, moment: str) -> None:
        super().restore(self.moment())


class WithoutBackup(Lab):
    def back_up(self) -> None:
        self.hear("backed_up", bytes=0)


@pytest.mark.parametrize(
    ("shape", "world", "why"),
    [
        (replace(SMALL, archive=False), Lab, "recovery ended before configured recovery target was reached"),
        (SMALL, SkipsTheArchive, "recovery ended before configured recovery target was reached"),
        (SMALL, Tampered, "the backup is damaged"),
        (SMALL, Altered, "orders: was"),
        (SMALL, WrongMoment, "customers: was"),
        (SMALL, WithoutBackup, "there is no backup"),
    ],
    ids=["no archive", "archive that keeps nothing", "tampered", "altered", "wrong moment", "no backup"],
)
def test_a_restore_without_its_remedy_is_broken(shape, world, why, tmp_path) -> None:
    outcome = drill("corruption", tmp_path, shape, world)
    assert outcome.verdict == "broken", as_json(outcome)
    broken = [one.note for one in outcome.judgement.findings if one.verdict == "broken"]
    assert broken and all(why in note for note in broken)


def test_a_lost_primary_is_replaced_and_nothing_acknowledged_is_lost(tmp_path) -> None:
    outcome = drill("lose_primary", tmp_path)
    assert outcome.verdict == "kept", as_json(outcome)
    seen = values(outcome)
    assert seen["rpo.instance"] == seen["rpo.zone"] == 0.0
    assert seen["rto.instance"] == seen["rto.zone"] > 0
    assert "detect" in outcome.judgement.measured[0].note
    assert not outcome.problems


def test_a_standby_that_lags_loses_acknowledged_writes(tmp_path) -> None:
    outcome = drill("lose_primary", tmp_path, replace(SMALL, synchronous=False), lag=0.5)
    assert outcome.verdict == "broken"  # the spec promises to lose nothing
    assert values(outcome)["rpo.instance"] > 0
    assert int(outcome.judgement.measured[1].note.split()[0]) > 0


def test_a_synchronous_standby_that_lags_loses_nothing(tmp_path) -> None:
    outcome = drill("lose_primary", tmp_path, lag=0.5)
    assert outcome.verdict == "kept", as_json(outcome)
    assert values(outcome)["rpo.instance"] == 0.0
    assert "stalled before" in outcome.judgement.measured[0].note


def test_a_single_server_starts_again_on_its_disk(tmp_path) -> None:
    single = Shape(standby=False, synchronous=False, failover=False, restart=True, gib=0.005)
    outcome = drill("lose_primary", tmp_path, single)
    assert outcome.verdict == "kept", as_json(outcome)
    assert values(outcome)["rpo.instance"] == 0.0


@pytest.mark.parametrize(
    "shape", [replace(SMALL, standby=False), replace(SMALL, failover=False)], ids=["standby", "failover"]
)
def test_a_lost_primary_without_its_remedy_is_broken(shape, tmp_path) -> None:
    outcome = drill("lose_primary", tmp_path, shape)
    assert outcome.verdict == "broken", as_json(outcome)
    assert all(one.failed for one in outcome.judgement.measured)


class StandbyDied(Lab):
    def build(self) -> None:
        super().build()
        self.servers["standby"].lose()

    def break_(self, fault) -> None:
        raise AssertionError("an unsteady system must not be broken")


def test_an_unsteady_lab_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("standfast.drill.run.STEADY_WITHIN", 0.2)
    outcome = drill("lose_primary", tmp_path, world=StandbyDied)
    assert outcome.verdict == "unknown"
    assert "the standby does not follow" in outcome.judgement.findings[0].note


class Unfenced(Lab):
    """A supervisor starts the lost primary again, as if nothing had happened: both accept writes."""

    def heal(self) -> None:
        if self.servers and not self.servers["primary"].runs:
            self.servers["primary"].start(self._leading())
        super().heal()


def test_two_primaries_are_found_out(tmp_path) -> None:
    outcome = drill("lose_primary", tmp_path, replace(SMALL, synchronous=False), Unfenced)
    assert outcome.verdict == "broken"
    assert "primary and standby accept writes" in outcome.judgement.findings[-1].note


RUN = """
import sys
import standfast.operate.status, tests.shop
standfast.operate.status.current_plan = lambda *given: tests.shop.shop_plan()
from standfast.cli import run
sys.exit(run(sys.argv[1:]))
"""


def start(folder: Path, name: str) -> subprocess.Popen:
    spec = str(ROOT / "examples" / "shop.yaml")
    command = [sys.executable, "-c", RUN, "drill", name, spec, "--out", str(folder), "--data", "5 MiB"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("number", "name", "at"),
    [
        (signal.SIGINT, "corruption", "filled"),
        (signal.SIGINT, "corruption", "restoring"),
        (signal.SIGINT, "lose_primary", "breaking"),
        (signal.SIGTERM, "lose_primary", "noticed"),
    ],
)
def test_interrupted_at_any_moment_it_heals_and_leaves_nothing(number, name, at, tmp_path) -> None:
    need_postgres()
    run = start(tmp_path, name)
    seen = []
    for line in run.stderr:
        seen.append(line)
        if at in line:
            run.send_signal(number)
            break
    out, rest = run.communicate(timeout=60)
    assert run.returncode == 130, "".join(seen) + rest
    assert out == ""
    assert "Traceback" not in rest
    assert not list((tmp_path / "lab").iterdir())


def test_killed_outright_the_next_run_goes_on(tmp_path) -> None:
    need_postgres()
    run = start(tmp_path, "lose_primary")
    for line in run.stderr:
        if "breaking" in line:
            run.kill()
            break
    run.communicate(timeout=60)
    left = [one for one in Owned(tmp_path / "lab").all() if one.alive]
    assert left
    again = start(tmp_path, "lose_primary")
    out, said = again.communicate(timeout=120)
    assert again.returncode == 0, out + said
    assert not [one for one in left if one.alive]
    assert not list((tmp_path / "lab").iterdir())
