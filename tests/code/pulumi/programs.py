"""Pulumi programs from blueprints, run with the interpreter that has the SDKs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from standfast.blueprint import Blueprint
from standfast.code import write_code
from standfast.files import write_files
from tests.programs import lacking

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".tools/pulumi/bin/python"
HERE = Path(__file__).parent


def need_sdks() -> str:
    """The interpreter, or a visible skip (in CI: a failure) that says how to get it."""
    if PYTHON.exists():
        return str(PYTHON)
    lacking("Pulumi's SDKs are not in .tools/pulumi: run scripts/tools")


def environment() -> dict[str, str]:
    """Bytecode is kept: the SDKs are large, and are compiled only where a program imports them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def write_program(blueprint: Blueprint, folder: Path) -> Path:
    write_files(write_code(blueprint, "pulumi"), folder)
    return folder


def settings(blueprint: Blueprint) -> dict[str, str]:
    """What a user would have decided, as Pulumi keeps it: text, or JSON."""
    found = {}
    for one in blueprint.variables:
        value = (one.example or "x" * 32) if one.default is None else one.default
        found[one.name] = value if isinstance(value, str) else json.dumps(value)
    return found


def mocked(programs: Iterable[Path], configs: Iterable[dict[str, str]]) -> list[dict[str, Any]]:
    """What each program registers, looks up, exports; what the strict check finds; how it ended."""
    return _python("mocked.py", [str(one) for one in programs], json.dumps(list(configs)))


def _python(script: str, words: list[str], given: str) -> Any:
    done = subprocess.run(
        [need_sdks(), str(HERE / script), *words], input=given, capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def ty(folder: Path) -> str:
    """What the type checker says of the programs in a folder; "" where it has nothing to say."""
    program = Path(sys.executable).parent / "ty"
    words = ["check", "--quiet", "--output-format", "concise", "--python", str(PYTHON.parent.parent), str(folder)]
    done = subprocess.run([str(program), *words], capture_output=True, text=True, cwd=folder)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout if done.returncode else ""
