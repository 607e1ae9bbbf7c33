"""The drill of ruined data on a real MariaDB: from what restic has offsite; and what is wrong is found out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from standfast.drill import Settings, as_json, drill_module, run_drill
from standfast.drill.following import agreement
from standfast.operate.backup.drilled import dumps_for
from standfast.problem import Problems
from standfast.worlds.database import Shape
from standfast.worlds.lab.mysql import MariaLab
from standfast.worlds.lab.mysql.dumps import BROUGHT, DUMP, Beside
from standfast.worlds.lab.mysql.programs import find_mariadb
from standfast.worlds.lab.processes import Owned
from tests.drill.pages import mysql_page
from tests.drill.simulated import SYSTEM, WANTED
from tests.operate.test_backup_real import program
from tests.programs import lacking

pytestmark = pytest.mark.real
SMALL = Shape(gib=0.002)


def drill(folder: Path, shape: Shape = SMALL, world: type[MariaLab] = MariaLab, kept_by=None):
    try:
        find_mariadb()
    except Problems as problems:
        lacking(str(problems))
    shape = drill_module("corruption").shape(shape)
    lab = world(folder / "lab", shape, kept_by=kept_by)
    given = Settings("orders", "2026-11-23T12:00:00Z", "drill/d/history.jsonl", seconds=0.5, runbook=mysql_page())
    outcome = run_drill("corruption", lab, shape, folder / "drill" / "d", given, WANTED)
    assert not list((folder / "lab").iterdir()), "the lab left something behind"
    assert not Owned(folder / "lab").all()
    return outcome


def found(outcome) -> dict[str, str]:
    return {one.what: one.verdict for one in outcome.judgement.findings}


def why(outcome) -> str:
    return "; ".join(one.note for one in outcome.judgement.findings if one.verdict == "broken")


def test_what_was_there_comes_back_from_the_offsite_copy(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("STANDFAST_RESTIC", str(program("restic")))
    outcome = drill(tmp_path, kept_by=dumps_for(SYSTEM))
    assert set(found(outcome).values()) == {"kept"}, as_json(outcome)  # its RTO at full size is not what this tells
    assert any("mariadb-dump, kept by restic" in note for note in outcome.judgement.notes)
    values = {one.measure: one.value for one in outcome.judgement.measured}
    assert values["reliability.rpo.corruption"] is not None and "MariaDB" in outcome.versions
    tried = [one["name"] for one in outcome.history if one["what"] == "checked" and one["held"]]
    assert tried == ["orders: the data before", "orders: let it lead"]
    history = [dict(one) for one in outcome.history]
    page = next(one for one in history if one["what"] == "runbook")
    page["steps"] = [{**one, "seconds": 0.001 if one["does"] == "swap" else one["seconds"]} for one in page["steps"]]
    slow = agreement(history, by_hand=True)
    assert slow.verdict == "broken" and "orders: let it lead took" in slow.note, "longer than the page says"


class LosesTheEnd(Beside):
    """What is brought back is not all that was kept."""

    def bring(self, site, folder) -> None:
        super().bring(site, folder)
        whole = (site.room / BROUGHT / DUMP).read_bytes()
        (folder / DUMP).write_bytes(whole[: len(whole) * 2 // 3])


class SaysItDid(MariaLab):
    """A step of the page that does nothing."""

    def carry_out(self, step: str, **settings: str) -> None:
        return None


@pytest.mark.parametrize(
    ("shape", "world", "kept_by", "told"),
    [
        (replace(SMALL, archive=False), MariaLab, Beside(), "the dump does not say where in the log it was taken"),
        (SMALL, MariaLab, LosesTheEnd(), "the dump is not whole"),
        (SMALL, SaysItDid, Beside(), "orders: the data before: it was carried out, and still"),
    ],
    ids=["no log", "half a dump", "a step that does nothing"],
)
def test_a_remedy_that_is_missing_or_wrong_is_found_out(shape, world, kept_by, told, tmp_path) -> None:
    outcome = drill(tmp_path, shape, world, kept_by)
    assert outcome.verdict == found(outcome)["runbook and system agree"] == "broken", as_json(outcome)
    assert told in why(outcome)
