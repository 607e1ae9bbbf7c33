"""Real programs for tests: found on PATH, else the test is skipped on a laptop and fails in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from standfast.programs import plugin_mirror


def lacking(message: str) -> NoReturn:
    """A visible skip; in CI, where everything must be there, a failure."""
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def need_aws_provider() -> None:
    """A visible skip without a plugin mirror; in CI Terraform fetches the provider, or fails."""
    if plugin_mirror() is None and not os.environ.get("CI"):
        pytest.skip("no plugin mirror with the AWS provider: set STANDFAST_PLUGIN_MIRROR")


def need(program: str, package: str) -> str:
    """The path of a program, or a visible skip (in CI: a failure) that names what to install."""
    found = shutil.which(program)
    if found:
        return found
    lacking(f"{program} is not on PATH: install {package}")


def linter(name: str) -> str:
    """A program of .tools/linters, which scripts/tools makes; else as `need`."""
    here = Path(__file__).parent.parent / ".tools" / "linters" / "bin" / name
    return str(here) if here.exists() else need(name, f"it with scripts/tools ({name})")


def ansible(name: str) -> str:
    """A program of .tools/ansible, which scripts/tools makes; else as `need`."""
    here = Path(__file__).parent.parent / ".tools" / "ansible" / "bin" / name
    return str(here) if here.exists() else need(name, f"it with scripts/tools ({name})")
