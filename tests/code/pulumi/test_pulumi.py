"""The Pulumi programs of whole plans: run by the real SDKs, held against their metadata and against the blueprint."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from standfast.blueprint import make_blueprint
from standfast.code import write_code
from tests.blueprint.shapes import contained, everything
from tests.code.pulumi import programs
from tests.code.pulumi.agreement import Agreement
from tests.shop import shop_plan

BLUEPRINTS = {
    "shop": make_blueprint(shop_plan()),
    "everything": make_blueprint(
        everything(motto="'%{if} ${x} $${y} {z} \"quoted\" \\ ☃ %n'", owner="'${owner} \"x\" \\ {y}'")
    ),
    "contained": make_blueprint(contained()),
    "private": make_blueprint(everything(exposure="private", system="a-system-with-a-very-long-name-x")),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All programs, each in its folder."""
    root = tmp_path_factory.mktemp("pulumi")
    for name, blueprint in BLUEPRINTS.items():
        programs.write_program(blueprint, root / name)
    return root


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, dict[str, Any]]:
    """What each program did under mocks, held strictly."""
    ran = programs.mocked([folder / name for name in BLUEPRINTS], map(programs.settings, BLUEPRINTS.values()))
    return dict(zip(BLUEPRINTS, ran, strict=True))


@pytest.mark.real
@pytest.mark.parametrize("name", BLUEPRINTS)
def test_the_sdk_takes_every_argument(name: str, told: dict[str, dict[str, Any]]) -> None:
    assert told[name]["error"] == ""
    assert told[name]["faults"] == []


@pytest.mark.real
@pytest.mark.parametrize("name", BLUEPRINTS)
def test_what_is_registered_is_the_blueprint(name: str, told: dict[str, dict[str, Any]]) -> None:
    blueprint = BLUEPRINTS[name]
    assert list(Agreement(blueprint, told[name], programs.settings(blueprint)).differences()) == []


@pytest.mark.real
def test_the_type_checker_has_nothing_to_say(folder: Path) -> None:
    programs.need_sdks()
    for name in BLUEPRINTS:
        assert programs.ty(folder / name) == ""


def test_it_lies_as_ruff_would_leave_it(folder: Path) -> None:
    ruff = str(Path(sys.executable).parent / "ruff")
    for words in (["format", "--diff"], ["check", "--select", "E,F,W,I,RUF100", "--ignore", "E501"]):
        done = subprocess.run([ruff, *words, "--no-cache", "."], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_every_module_is_python_and_needs_only_those_before_it(name: str) -> None:
    files = {file.path: file.text for file in write_code(BLUEPRINTS[name], "pulumi") if file.path.endswith(".py")}
    needs = {
        path.removesuffix(".py"): {
            one.names[0].name for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Import)
        }
        & {other.removesuffix(".py") for other in files}
        for path, text in files.items()
    }
    done: set[str] = set()
    while needs.keys() - done:
        ready = {module for module in needs.keys() - done if needs[module] <= done}
        assert ready, f"these need one another: {sorted(needs.keys() - done)}"
        done |= ready
