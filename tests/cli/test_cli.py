"""The command line as a person or a script meets it: exit codes, streams, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from standfast.cli import VERBS
from tests.shop import EXAMPLES


def standfast(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "standfast", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env={**os.environ, **env}, timeout=120)


def test_help_lists_every_verb() -> None:
    result = standfast("--help")
    assert result.returncode == 0 and not result.stderr
    assert all(f"\n  {verb} " in result.stdout for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    result = standfast(verb, "--help")
    assert result.returncode == 0 and verb in result.stdout


def test_version_imports_nothing() -> None:
    result = standfast("--version")
    assert result.returncode == 0 and result.stdout.startswith("standfast ")


def test_an_unknown_verb_gets_the_nearest() -> None:
    result = standfast("aply", "x.yaml")
    assert result.returncode == 1 and "did you mean 'apply'?" in result.stderr and not result.stdout


@pytest.mark.parametrize("words", [("check",), ("check", "a", "b"), ("plan", "x.yaml", "--nonsense")])
def test_wrong_words_are_a_problem(words: tuple[str, ...]) -> None:
    result = standfast(*words)
    assert result.returncode == 1 and "fix" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\xff\xfe", b"system: x", b"a: &a [*a]", b"[" * 100_000, b"- a\n- b"]
)
@pytest.mark.parametrize("verb", ["check", "plan", "build", "audit", "status"])
def test_a_bad_spec_is_a_problem_and_nothing_is_written(tmp_path: Path, verb: str, content: bytes) -> None:
    (tmp_path / "bad.yaml").write_bytes(content)
    result = standfast(verb, "bad.yaml", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert "bad.yaml" in result.stderr and "Traceback" not in result.stderr and not result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


def test_an_absent_spec_says_how_to_begin(tmp_path: Path) -> None:
    result = standfast("check", "none.yaml", cwd=tmp_path)
    assert result.returncode == 1 and "standfast init" in result.stderr


def test_check_as_json_is_one_document() -> None:
    result = standfast("check", str(EXAMPLES / "shop.yaml"), "--format", "json")
    assert result.returncode == 0 and not result.stderr
    assert json.loads(result.stdout)["system"] == "shop"
