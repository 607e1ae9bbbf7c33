"""The Terraform of whole plans on Azure: laid out as fmt would, and taken through its life with the provider's stub."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from standfast.blueprint import Blueprint, at_standby, azure, make_blueprints
from standfast.code import write_code
from standfast.files import write_files
from tests.blueprint.azure_shapes import REPLICAS, everything, plan_of, with_standby
from tests.programs import need
from tests.providers import stub

pytestmark = pytest.mark.real

HOSTILE = "'%{if} ${x} $${y} \"quoted\" \\ ☃ %n'"
PLANS = {
    "servers": everything(motto=HOSTILE, owner="'${owner} \"x\" \\ %{y}'"),
    "containers": plan_of(REPLICAS, shape="container", read_replicas=2),
    "cluster": everything(shape="kubernetes", exposure="private"),
    "active-active": with_standby(plan_of(REPLICAS), "active-active"),
    "backup": with_standby(plan_of(REPLICAS), "backup"),
    "one zone": everything(zones=("northcentralus-1",), system="a-system-with-a-very-long-name-x"),
}
SITES = [(name, number) for name, plan in PLANS.items() for number in range(2 if plan.standby else 1)]
SITES.append(("behind aws", 1))
LIVES = [("servers", 0), ("containers", 0), ("cluster", 0), ("active-active", 1)]
GIVEN = "Given-1234567890abc"


def blueprint(name: str, number: int) -> Blueprint:
    if name == "behind aws":
        first = replace(with_standby(plan_of(REPLICAS), "warm-standby"), cloud="aws", region="eu-west-1")
        return azure.blueprint(at_standby(first), first)
    return make_blueprints(PLANS[name])[number]


@pytest.mark.parametrize(("name", "number"), SITES)
def test_layout_is_what_fmt_would_leave(name: str, number: int, tmp_path: Path) -> None:
    write_files(write_code(blueprint(name, number)), tmp_path)
    command = [need("terraform", "Terraform"), "fmt", "-check", "-diff", "-recursive", "-no-color", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), LIVES)
def test_it_is_made_stays_and_is_taken_down(name: str, number: int, tmp_path: Path) -> None:
    plan = blueprint(name, number)
    secrets = {one.name: GIVEN for one in plan.variables if one.secret}
    life = stub.run(write_code(plan), tmp_path, secrets)
    made = sum(not one.data for one in plan.resources)
    assert f"{made} destroyed" in life.destroyed
    assert all(tags["system"] == plan.system for tags in _tags(life))


def _tags(life: stub.Life) -> list[dict[str, str]]:
    every = life.planned["planned_values"]["root_module"]["resources"]
    return [one["values"]["tags"] for one in every if one["values"].get("tags")]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), [one for one in SITES if one not in LIVES])
def test_validate_has_nothing_to_say(name: str, number: int, tmp_path: Path) -> None:
    assert stub.refused(write_code(blueprint(name, number)), tmp_path) == []
