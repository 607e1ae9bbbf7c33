"""`standfast build`: everything written in one place, the same bytes each time, nothing left of before."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest

import standfast.plan
from standfast.cli import build_
from standfast.cli.terminal import Terminal
from standfast.code import languages_for
from standfast.problem import Problem, Problems
from standfast.promise import Promise
from tests.shop import EXAMPLES, shop_plan


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch):
    """A planner that always answers with this plan."""
    plans = [shop_plan()]
    monkeypatch.setattr(standfast.plan, "make_plan", lambda system, catalogs, margins: plans[-1], raising=False)
    return plans


def build(out: Path, form: str = "text", *more: str) -> int:
    parser = argparse.ArgumentParser()
    build_.arguments(parser)
    words = [str(EXAMPLES / "shop.yaml"), "--out", str(out), "--format", form, *more]
    return build_.run(parser.parse_args(words), Terminal())


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_plan_code_and_monitoring_are_written(planned, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert build(tmp_path) == 0
    found = contents(tmp_path)
    assert {"plan.json", "code/terraform/network.tf", "code/terraform/README.md"} <= set(found)
    assert {"watch/prometheus/rules.yml", "watch/grafana/dashboards/shop_overview.json"} <= set(found)
    assert f"{tmp_path / 'code/terraform'}  " in capsys.readouterr().out
    build(tmp_path, "json")
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], told["removed"], told["broken"]) == ([], [], [])
    assert contents(tmp_path) == found


def test_two_folders_hold_the_same_bytes(planned, tmp_path: Path) -> None:
    build(tmp_path / "a")
    build(tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_what_is_no_longer_built_goes_and_what_is_yours_stays(planned, tmp_path: Path, capsys) -> None:
    build(tmp_path)
    (tmp_path / "code/terraform/mine.tf").write_text("# mine\n")
    (tmp_path / "code/terraform/network.tf").write_text("# edited\n")
    plan = planned[0]
    fewer = replace(plan.system, stores=tuple(one for one in plan.system.stores if one.name != "orders"))
    web, api = fewer.services
    fewer = replace(fewer, services=(web, replace(api, calls=api.calls[1:])))
    planned.append(replace(plan, system=fewer))
    capsys.readouterr()
    assert build(tmp_path) == 0
    code = tmp_path / "code/terraform"
    assert not (code / "backup.tf").exists() and (code / "mine.tf").exists()
    assert "aws_vpc" in (code / "network.tf").read_text()
    said = capsys.readouterr()
    assert "code/terraform/network.tf had been changed by hand: written anew, yours is " in said.err
    assert [path.read_text() for path in code.glob("network.tf.edited-*")] == ["# edited\n"]
    assert " removed" in said.out


def test_a_plan_that_breaks_a_promise_is_written_and_told(planned, tmp_path: Path, capsys) -> None:
    plan = planned[0]
    planned.append(replace(plan, promises=(Promise("cost.budget", 10, "USD/month", "lower", predicted=20.0),)))
    assert build(tmp_path) == 1
    assert "cost.budget will be broken: 20 USD/month" in capsys.readouterr().err
    assert (tmp_path / "plan.json").exists()


def test_only_the_languages_that_are_wanted(planned, tmp_path: Path, capsys) -> None:
    assert build(tmp_path, "json", "--languages", "terraform") == 0
    assert json.loads(capsys.readouterr().out)["languages"] == ["terraform"]
    assert {path.name for path in (tmp_path / "code").iterdir()} == {"terraform"}
    with pytest.raises(Problems, match=r"no code is written in 'terafrom'\n  fix  did you mean 'terraform'"):
        build(tmp_path / "none", "text", "--languages", "terafrom")
    assert not (tmp_path / "none").exists()


def test_what_a_language_cannot_say_is_told_and_hides_nothing_of_the_others(
    planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    build(tmp_path)

    def write(blueprint) -> None:
        raise Problems([Problem("this cannot be said", "", "say less", planned[0].system.place)])

    monkeypatch.setattr("standfast.code.terraform.write", write)
    assert build(tmp_path) == 1
    assert "this cannot be said" in capsys.readouterr().err
    assert not (tmp_path / "code/terraform").exists(), "old code would be taken for the code of this plan"
    assert (tmp_path / "watch/prometheus").is_dir() and (tmp_path / "plan.json").exists()


def test_a_language_that_is_not_for_a_plan_is_left_out_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standfast.code.terraform.CLOUDS", ("gcp",), raising=False)
    assert "terraform" not in languages_for(shop_plan())
    with pytest.raises(Problems, match="it is for gcp, and the plan stands on aws"):
        languages_for(shop_plan(), ["terraform"])
