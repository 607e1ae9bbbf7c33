"""What apply works on: the plan and the code, written where they are absent or stale, and no world but the emulator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from standfast.cli import run
from standfast.files import File, add_files
from standfast.operate.target import check_world, emulator_of, planned
from standfast.plan import plan_to_json, read_plan
from standfast.problem import Problems
from standfast.workspace import Workspace
from tests.shop import EXAMPLES, shop, shop_plan


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    space = Workspace(tmp_path)
    add_files([File(space.plan.name, plan_to_json(shop_plan()))], space.root)
    return space


def test_a_plan_of_the_same_spec_is_kept_and_the_code_is_written_once(space: Workspace) -> None:
    said: list[str] = []
    plan, _ = planned(shop(), space, said.append)
    assert plan == shop_plan()
    assert (space.terraform / "network.tf").exists() and (space.watch / "prometheus").is_dir()
    assert len(said) == 1 and "files written" in said[0]
    planned(shop(), space, said.append)
    assert len(said) == 1, "nothing to write, nothing to say"


def test_code_that_is_missing_or_was_changed_is_written_anew(space: Workspace) -> None:
    planned(shop(), space, lambda _: None)
    wanted = (space.terraform / "data.tf").read_text()
    (space.terraform / "network.tf").unlink()
    (space.terraform / "data.tf").write_text("# by hand")
    said: list[str] = []
    planned(shop(), space, said.append)
    assert (space.terraform / "network.tf").exists()
    assert (space.terraform / "data.tf").read_text() == wanted
    assert any("data.tf had been changed by hand" in one for one in said)


def test_a_changed_spec_is_planned_anew(space: Workspace) -> None:
    said: list[str] = []
    changed = replace(shop(), owner="somebody.else@example.com")
    plan, _ = planned(changed, space, said.append)
    assert plan.system == changed == read_plan(space.plan).system
    assert said[0] == "shop.yaml has changed: planning anew"


def test_a_plan_that_cannot_be_read_is_made_anew(space: Workspace) -> None:
    space.plan.write_text("{")
    said: list[str] = []
    assert planned(shop(), space, said.append)[0].system == shop()
    assert "cannot be read" in said[0]


def test_the_emulator_gets_a_value_for_every_variable_and_a_place_for_every_resource(space: Workspace) -> None:
    _, (blueprint, *_) = planned(shop(), space, lambda _: None)
    emulator = emulator_of(space, blueprint, lambda _: None)
    assert set(emulator.values) == {one.name for one in blueprint.variables if one.default is None}
    assert all(emulator.values.values())
    assert emulator.region == "eu-west-1"
    assert emulator.places["aws_db_instance.orders"].file == "shop.yaml"


@pytest.mark.parametrize(("world", "why"), [("cloud", "not offered yet"), ("emulater", "did you mean 'emulator'")])
def test_no_other_world_is_offered(world: str, why: str) -> None:
    with pytest.raises(Problems, match=why):
        check_world(world)


@pytest.mark.parametrize("verb", ["apply", "drift", "destroy"])
def test_the_verbs_refuse_the_cloud(verb: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run([verb, str(EXAMPLES / "shop.yaml"), "--world", "cloud", "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr()
    assert told.out == "" and "not offered yet" in told.err and "fix" in told.err
    assert not (tmp_path / "out").exists()


def test_drift_and_destroy_where_nothing_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    spec, out = str(EXAMPLES / "shop.yaml"), tmp_path / "out"
    assert run(["drift", spec, "--out", str(out)]) == 2
    assert "nothing is built in the emulator" in capsys.readouterr().out
    assert run(["destroy", spec, "--out", str(out)]) == 0
    assert "nothing stands" in capsys.readouterr().out
    assert not out.exists()


def test_two_runs_do_not_collide(space: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    with space.locked("apply"):
        assert run(["apply", str(EXAMPLES / "shop.yaml"), "--out", str(space.root)]) == 1
    assert "is in use" in capsys.readouterr().err
