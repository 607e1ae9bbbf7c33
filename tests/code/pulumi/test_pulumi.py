"""The Pulumi programs of whole plans: run by the real SDKs, held against their metadata and against the blueprint."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from standfast.blueprint import make_blueprints
from standfast.code import write_code
from standfast.plan import make_plan
from standfast.spec import read_spec
from tests.code.pulumi import programs
from tests.code.pulumi.agreement import Agreement
from tests.code.pulumi.blueprints import NAMES, blueprints
from tests.shop import EXAMPLES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All programs, each in its folder."""
    root = tmp_path_factory.mktemp("pulumi")
    for name, blueprint in blueprints().items():
        programs.write_program(blueprint, root / name)
    return root


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, dict[str, Any]]:
    """What each program did under mocks, held strictly."""
    ran = programs.mocked([folder / name for name in NAMES], [programs.settings(blueprints()[name]) for name in NAMES])
    return dict(zip(NAMES, ran, strict=True))


@pytest.mark.real
@pytest.mark.parametrize("name", NAMES)
def test_the_sdk_takes_every_argument(name: str, told: dict[str, dict[str, Any]]) -> None:
    assert told[name]["error"] == ""
    assert told[name]["faults"] == []


@pytest.mark.real
@pytest.mark.parametrize("name", NAMES)
def test_what_is_registered_is_the_blueprint(name: str, told: dict[str, dict[str, Any]]) -> None:
    blueprint = blueprints()[name]
    assert list(Agreement(blueprint, told[name], programs.settings(blueprint)).differences()) == []


@pytest.mark.real
def test_the_type_checker_has_nothing_to_say(folder: Path) -> None:
    programs.need_sdks()
    for name in NAMES:
        assert programs.ty(folder / name) == ""


def test_it_lies_as_ruff_would_leave_it(folder: Path) -> None:
    ruff = str(Path(sys.executable).parent / "ruff")
    for words in (["format", "--diff"], ["check", "--select", "E,F,W,I,RUF100", "--ignore", "E501"]):
        done = subprocess.run([ruff, *words, "--no-cache", "."], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_module_is_python_and_needs_only_those_before_it(name: str) -> None:
    files = {file.path: file.text for file in write_code(blueprints()[name], "pulumi") if file.path.endswith(".py")}
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


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_can_be_said(path: Path) -> None:
    """The primary and its standby: nothing in them that the tables have no word for."""
    for blueprint in make_blueprints(make_plan(read_spec(path))):
        assert any(file.path == "__main__.py" for file in write_code(blueprint, "pulumi"))


def test_the_same_blueprint_gives_the_same_bytes() -> None:
    blueprint = blueprints()["shop"]
    assert write_code(blueprint, "pulumi") == write_code(blueprint, "pulumi")


def test_no_file_holds_a_secret_or_a_place_of_this_machine() -> None:
    text = "".join(file.text for file in write_code(blueprints()["shop"], "pulumi"))
    assert "/tmp" not in text and str(Path.home()) not in text
    assert "require_secret" in text and "pulumi config set --secret sessions_token" in text


def test_versions_are_those_that_are_tested() -> None:
    pinned = (programs.ROOT / "scripts/pulumi/packages.in").read_text().split()
    for name in ("shop", "gcp-vm"):
        files = {file.path: file.text for file in write_code(blueprints()[name], "pulumi")}
        assert set(files["requirements.txt"].split()) < set(pinned)


@pytest.mark.real
def test_the_tables_are_what_the_sdks_say() -> None:
    """Read again from the SDKs' metadata, nothing differs."""
    script = str(programs.ROOT / "scripts/regen_pulumi.py")
    done = subprocess.run(
        [programs.need_sdks(), script, "--check"], capture_output=True, text=True, env=programs.environment()
    )
    assert done.returncode == 0, done.stderr + done.stdout
