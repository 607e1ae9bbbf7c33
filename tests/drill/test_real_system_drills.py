"""Drills of the whole system in the real lab: one region is lost under load, and comes back from the offsite copy.

One lab for each drill is what a drill is; the other drills are tried on the simulated system, and by hand here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from standfast.drill import Settings, Wanted, as_json, run_drill
from standfast.drill.history import first
from standfast.drill.traffic import requests
from standfast.operate.backup.drilled import copies_for
from standfast.problem import Problems
from standfast.spec import parse_spec
from standfast.worlds.lab.drilled import DrilledLab
from standfast.worlds.lab.system import programs
from tests.drill.pages import page
from tests.drill.simulated_system import PLAN, SPEC, WHEN
from tests.operate.test_backup_real import program, server_programs
from tests.postgres import need_postgres
from tests.programs import need

LIGHT = SPEC.replace("cpu: 6 ms", "cpu: 1 ms").replace("cpu: 14 ms", "cpu: 1 ms").replace("rto: 10 s", "rto: 10 min")
LIGHT = LIGHT.replace("rpo: 5 s", "rpo: 1 min")  # a backup cannot keep less: the log is handed on every 30 s


def need_all() -> None:
    """Everything that the lab runs, and everything that its alerts are told by."""
    need_postgres()
    for each in ("", "-postgres-exporter", "-redis-exporter", "-blackbox-exporter"):
        need(f"prometheus{each}", f"prometheus{each}")
    for each in ("haproxy", "nginx", "valkey", "openssl"):
        try:
            programs.find(each)
        except Problems:
            need(each, each)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("name", ["lose_instance", "lose_zone", "lose_region"])
def test_the_planned_system_survives_in_the_lab(name, tmp_path, monkeypatch) -> None:
    need_all()
    postgres = copied_by = None
    system = parse_spec(LIGHT, "shop.yaml")
    if name == "lose_region":  # it comes back from what `standfast backup` has offsite
        monkeypatch.setenv("STANDFAST_PGBACKREST", str(program("pgbackrest")))
        postgres, copied_by = server_programs(), copies_for(system, "shop.yaml")
    world = DrilledLab(tmp_path / "lab", replace(PLAN, system=system), postgres=postgres, copied_by=copied_by)
    settings = Settings("orders", WHEN, "drill/d/history.jsonl", rps=6.0, zones=2, patience=60.0, runbook=page(name))
    outcome = run_drill(name, world, world.shape, tmp_path / "d", settings, Wanted.of(system, "orders"))
    assert outcome.verdict == "kept", as_json(outcome)
    if name == "lose_zone":
        told = {one.what for one in outcome.judgement.findings}
        lost = {f"InstancesMissing ({one})" for one in ("web", "api")} | {"StoreMissing (orders)"}
        assert {f"{one} {how} in time" for one in lost for how in ("fires", "ends")} <= told
        assert {one["receiver"] for one in outcome.history if one["what"] == "alert"} <= {
            "ticket",
            "page",
            "prometheus",
        }
    assert copied_by is None or f"Backed up and restored by {copied_by.said}." in outcome.judgement.notes
    assert "answered" in (tmp_path / "d" / "timeline.svg").read_text()
    assert not world.lab.open()


@pytest.mark.real
@pytest.mark.slow
def test_a_surge_is_refused_by_the_real_balancer(tmp_path) -> None:
    """Three times what this machine can serve. How soon each is told is the machine's, which others may share."""
    need_all()
    world = DrilledLab(tmp_path / "lab", PLAN)
    settings = Settings("orders", WHEN, "drill/d/history.jsonl", rps=6.0, patience=60.0, runbook=page("surge"))
    outcome = run_drill("surge", world, world.shape, tmp_path / "d", settings, Wanted.of(PLAN.system, "orders"))
    begun, over = (first(outcome.history, what) for what in ("breaking", "subsided"))
    assert begun is not None and over is not None, as_json(outcome)
    told = Counter(one.status for one in requests(outcome.history, begun["t"] + 2.0, over["t"] - 1.0))
    assert told[200] > 50 and told[503] > 2 * told[200], told  # the rest is refused, and hardly anybody is left waiting
    assert told[200] + told[503] > 0.9 * told.total(), told
    assert not world.lab.open()
