"""`standfast drill`: what it prints, with which exit code, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import standfast.operate.status as status
import standfast.worlds.lab as lab
from standfast.cli import run
from standfast.drill import drill_module, drill_names, drilled_store, planned_shape, synchronous
from standfast.problem import Problem, Problems
from standfast.spec import parse_spec
from standfast.spec.model import Recovery
from standfast.worlds.simulated import Flaws, Simulated
from tests.drill.simulated import SPEC, SYSTEM
from tests.shop import shop_plan


@pytest.fixture
def spec(tmp_path, monkeypatch):
    """The verb on the simulated world, with the hand-made plan; `spec.flaws` may be set."""
    path = tmp_path / "shop.yaml"
    path.write_text(SPEC)

    class Folder(type(path)):
        flaws = Flaws()

    made = Folder(path)

    def simulated(folder, shape, **settings):
        world = Simulated(shape, made.flaws)
        world.kept = folder
        return world

    monkeypatch.setattr(lab, "Lab", simulated)
    monkeypatch.setattr(status, "current_plan", lambda system, space, say: replace(shop_plan(), system=system))
    monkeypatch.chdir(tmp_path)
    return made


def test_json_on_stdout_and_nothing_else_there(spec, capsys) -> None:
    assert run(["drill", "corruption", str(spec), "--format", "json"]) == 0
    out, said = capsys.readouterr()
    told = json.loads(out)
    assert told["drill"] == "corruption" and told["verdict"] == "kept"
    assert set(told) >= {"drill", "verdict", "promises", "steps", "history", "versions"}
    for row in told["promises"]:
        assert set(row) >= {"measure", "declared", "measured", "unit", "verdict", "place"}
        assert row["place"].startswith("shop.yaml:")
    assert "restoring to" in said


@pytest.mark.parametrize("name", ["corruption", "lose_primary"])
def test_text_says_the_verdict_and_where_the_evidence_is(name, spec, capsys) -> None:
    assert run(["drill", name, str(spec)]) == 0
    out, _ = capsys.readouterr()
    assert "kept" in out and "out/shop/drill/" in out and "reliability.rto" in out


def test_a_lost_primary_in_its_four_cases_of_which_one_loses_rows(spec, capsys) -> None:
    assert run(["drill", "lose_primary", str(spec), "--cases", "--format", "json"]) == 0  # as planned: commits wait
    told = {(one["synchronous"], one["lag"]): one for one in json.loads(capsys.readouterr().out)}
    lost = {
        case: next(row["measured"] for row in one["promises"] if row["measure"] == "reliability.rpo.instance")
        for case, one in told.items()
    }
    assert lost.keys() == {(waits, lag) for waits in (True, False) for lag in ("0", "1")}
    assert {case for case, seconds in lost.items() if seconds > 0} == {(False, "1")}
    assert told[False, "1"]["verdict"] == "broken"
    assert run(["drill", "lose_primary", str(spec), "--cases"]) == 0
    assert "(planned)" in capsys.readouterr().out
    assert run(["drill", "corruption", str(spec), "--cases"]) == 1
    assert run(["drill", "lose_primary", str(spec), "--cases", "--sync"]) == 1


def test_the_exit_code_follows_the_verdict(spec, capsys) -> None:
    spec.flaws = Flaws(tampered=True)
    assert run(["drill", "corruption", str(spec)]) == 1
    spec.flaws = Flaws(dead=True)
    assert run(["drill", "corruption", str(spec)]) == 2
    assert run(["drill", "lose_primary", str(spec), "--async", "--lag", "1"]) == 2
    spec.flaws = Flaws()
    assert run(["drill", "lose_primary", str(spec), "--async", "--lag", "1"]) == 1
    assert run(["drill", "lose_primary", str(spec), "--sync", "--lag", "1 s"]) == 0
    spec.flaws = Flaws(on={"break_": KeyboardInterrupt()})
    assert run(["drill", "corruption", str(spec)]) == 130


def test_what_was_measured_is_in_the_ledger(spec, capsys) -> None:
    from standfast.ledger import measured, verify

    path = spec.parent / "out" / "shop" / "ledger.sqlite"
    run(["drill", "corruption", str(spec)])
    spec.flaws = Flaws(tampered=True)
    run(["drill", "corruption", str(spec)])
    good, _, bad, _ = measured(path)
    assert (good.measure, good.world, good.failed) == ("reliability.rto.corruption", "simulated", False)
    assert (spec.parent / "out" / "shop" / good.evidence).exists()
    assert (bad.value, bad.failed) == (None, True)
    assert verify(path) is None


def test_an_old_drill_is_judged_by_the_spec_of_today(spec, capsys) -> None:
    assert run(["drill", "lose_primary", str(spec), "--async", "--lag", "1"]) == 1
    (folder,) = (spec.parent / "out" / "shop" / "drill").iterdir()
    before = sorted((path.name, path.read_bytes()) for path in folder.iterdir())
    assert run(["drill", "judge", str(folder), str(spec)]) == 1
    loose = spec.parent / "loose.yaml"
    loose.write_text(SPEC.replace("rpo: 0 s", "rpo: 10 s"))
    capsys.readouterr()
    assert run(["drill", "judge", str(folder), str(loose), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["promises"][1]["declared"] == 10.0
    assert sorted((path.name, path.read_bytes()) for path in folder.iterdir()) == before


def test_every_folder_of_a_drill_has_a_verdict_or_is_not_there(spec, capsys) -> None:
    from standfast.drill import past_drills

    root = spec.parent / "out" / "shop"
    spec.flaws = Flaws(on={"build": Problems([Problem("the disk is too small")])})
    assert run(["drill", "corruption", str(spec)]) == 1
    assert not list((root / "drill").iterdir())
    spec.flaws = Flaws(on={"restore": KeyboardInterrupt()})
    assert run(["drill", "corruption", str(spec)]) == 130
    (folder,) = past_drills(root)
    assert json.loads((folder / "verdict.json").read_text())["verdict"] == "unknown"


def test_the_drills_there_are(capsys) -> None:
    assert run(["drill", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(drill_names())
    assert run(["drill", "list", "--format", "json"]) == 0
    assert {one["disruption"] for one in json.loads(capsys.readouterr().out)} >= {
        "instance",
        "zone",
        "region",
        "corruption",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["corruptio", "SPEC"], "did you mean 'corruption'?"),
        (["corruption"], "needs a SPEC"),
        (["corruption", "SPEC", "SPEC"], "needs a SPEC"),
        (["judge", "SPEC"], "needs the DIR of a drill and a SPEC"),
        (["judge", "nowhere", "SPEC"], "no history in nowhere"),
        (["corruption", "SPEC", "--data", "100 apples"], "--data: unknown unit"),
        (["lose_primary", "SPEC", "--lag", "soon"], "--lag: "),
        (["corruption", "SPEC", "--lag", "1"], "--lag is for lose_primary"),
        (["corruption", "SPEC", "--store", "order"], "did you mean 'orders'?"),
        (["../restore", "SPEC"], "there is no drill"),
        (["__init__", "SPEC"], "there is no drill"),
        (["lose_primary", "SPEC", "--sync", "--async"], "not allowed with"),
    ],
)
def test_bad_input_is_a_problem_and_nothing_is_written(arguments, said, spec, capsys) -> None:
    assert run(["drill", *(str(spec) if one == "SPEC" else one for one in arguments)]) == 1
    out, told = capsys.readouterr()
    assert said in told and out == "" and "Traceback" not in told
    assert not (spec.parent / "out" / "shop" / "drill").exists()


def test_a_drill_takes_only_the_stores_that_it_is_for() -> None:
    mysql = parse_spec(SPEC.replace("kind: postgres", "kind: mysql"), "shop.yaml")
    with pytest.raises(Problems, match="nothing here can be drilled"):
        drilled_store(mysql)
    with pytest.raises(Problems, match="orders is mysql") as raised:
        drilled_store(mysql, "orders")
    assert raised.value.problems[0].place.line
    assert drilled_store(mysql, kinds=drill_module("corruption").NEEDS).name == "orders"


def test_replication_is_chosen_by_the_rpo() -> None:
    def with_rpo(instance: float | None) -> bool:
        wanted = SYSTEM.promises
        recovery = {"instance": Recovery(60.0, instance)} if instance is not None else {}
        reliability = replace(wanted.reliability, recovery=recovery)
        return synchronous(replace(SYSTEM, promises=replace(wanted, reliability=reliability)))

    assert with_rpo(0.0) and not with_rpo(5.0) and with_rpo(None)


def test_the_lab_is_what_the_plan_bought() -> None:
    plan = shop_plan()
    shape, zones, design = planned_shape(plan, "orders", 1.0)
    assert (shape.standby, shape.failover, shape.restart, shape.archive) == (True, True, False, True)
    assert (zones, design) == (2, "multi-az-standby")
    single = replace(plan.choice("orders"), design="single", zones=1, size={"retention_days": 0})
    others = tuple(one for one in plan.choices if one.component not in ("orders", "backup"))
    shape, zones, _ = planned_shape(replace(plan, choices=(single, *others)), "orders", 1.0)
    assert (shape.standby, shape.failover, shape.restart, shape.archive) == (False, False, True, False)
    assert not shape.synchronous and zones == 1
    with pytest.raises(Problems, match="nothing for"):
        planned_shape(plan, "nothing", 1.0)
