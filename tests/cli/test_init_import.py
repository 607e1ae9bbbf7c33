"""`standfast init` and `standfast import`: what lands on which stream, and never over a file that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from standfast.spec import parse_spec
from tests.cli.test_cli import standfast

COMPOSE = "services:\n  web:\n    image: web:1\n    ports: ['80:80']\n    environment: {API_TOKEN: hush-hush}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    return tmp_path


def test_init_prints_a_spec_that_can_be_read() -> None:
    result = standfast("init")
    assert result.returncode == 0 and not result.stderr
    assert parse_spec(result.stdout, "x.yaml").name == "shop" and "# " in result.stdout


@pytest.mark.parametrize("words", [("init",), ("import", "compose.yaml")])
def test_a_file_that_is_there_stays_unless_forced(folder: Path, words: tuple[str, ...]) -> None:
    target = folder / "x.yaml"
    result = standfast(*words, "-o", "x.yaml", cwd=folder)
    assert result.returncode == 0 and not result.stdout and "standfast plan x.yaml" in result.stderr
    wanted = target.read_text()
    target.write_text("mine")
    result = standfast(*words, "-o", "x.yaml", cwd=folder)
    assert result.returncode == 1 and "is there already" in result.stderr and "--force" in result.stderr
    assert target.read_text() == "mine"
    assert standfast(*words, "-o", "x.yaml", "--force", cwd=folder).returncode == 0
    assert target.read_text() == wanted
    assert sorted(path.name for path in folder.iterdir()) == ["compose.yaml", "x.yaml"]


@pytest.mark.parametrize("words", [("init",), ("import", "compose.yaml")])
def test_a_file_that_cannot_be_written_is_a_problem(folder: Path, words: tuple[str, ...]) -> None:
    result = standfast(*words, "-o", "none/x.yaml", cwd=folder)
    assert result.returncode == 1 and "could not write" in result.stderr and "Traceback" not in result.stderr
    assert [path.name for path in folder.iterdir()] == ["compose.yaml"]


def test_import_prints_the_spec_and_tells_the_rest_beside_it(folder: Path) -> None:
    result = standfast("import", "compose.yaml", cwd=folder)
    assert result.returncode == 0 and "warning: compose.yaml:2" in result.stderr
    system = parse_spec(result.stdout, "x.yaml")
    assert system.services[0].secrets == ("API_TOKEN",) and "hush-hush" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\xff\xfe", b"services: x", b"a: &a [*a]", b"services: " + b"[" * 100_000, b"- a\n- b"]
)
def test_a_bad_compose_file_is_a_problem_and_nothing_is_written(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "compose.yaml").write_bytes(content)
    result = standfast("import", "compose.yaml", "-o", "x.yaml", cwd=tmp_path)
    assert result.returncode == 1 and "compose.yaml" in result.stderr and "fix" in result.stderr, result.stderr
    assert "Traceback" not in result.stderr and not result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["compose.yaml"]
