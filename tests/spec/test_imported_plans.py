"""What is imported, and the starter, can be planned: the promises they begin with can be kept."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from standfast.plan import make_plan
from standfast.spec import parse_spec
from standfast.spec.environment import in_environment
from standfast.spec.importers import import_files

DATA = Path(__file__).parent / "data" / "compose"


@pytest.mark.parametrize("path", sorted(DATA.glob("*compose*")), ids=lambda path: path.name)
def test_an_imported_spec_plans(path: Path) -> None:
    plan = make_plan(parse_spec(import_files([path]).text, path.name))
    assert not [one for one in plan.promises if one.verdict == "broken"]


def test_the_starter_plans_as_it_is() -> None:
    text = files("standfast.spec").joinpath("starter.yaml").read_text(encoding="utf-8")
    system = parse_spec(text, "starter.yaml")
    for one in (system, in_environment(system, "staging")):
        assert not [line for line in make_plan(one).promises if line.verdict == "broken"]
