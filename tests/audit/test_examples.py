"""Each check on small examples, good, bad and undecided: what the shop does not have, and what others write."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from standfast.audit import all_checks, run_audit
from standfast.audit.sources.tags import tags_of
from standfast.blueprint import Json, Ref, Resource, Var
from tests.audit.recorded import recorded_system

EXAMPLES = Path(__file__).parent / "examples"
# Its good one is the shop; the others are wrong by being there.
ONLY_BAD = {"firewall-edges", "no-classic", "no-lasting-keys"}
NEEDS_A_SPEC = {"residency", "several-zones", "firewall-edges", "data-by-need"}


def value_of(written: Any) -> Any:
    """`$var.x` is a variable, `$aws_kms_key.k.arn` a reference, a mapping with only `json` a document."""
    if isinstance(written, str) and written.startswith("$var."):
        return Var(written[5:])
    if isinstance(written, str) and re.match(r"\$(aws|azurerm|google)_", written):
        kind, name, attribute = written[1:].split(".")
        return Ref(f"{kind}.{name}", attribute)
    if isinstance(written, dict):
        return (
            Json(written["json"]) if set(written) == {"json"} else {key: value_of(one) for key, one in written.items()}
        )
    return [value_of(one) for one in written] if isinstance(written, list) else written


def resources_of(example: dict[str, Any]) -> list[Resource]:
    found = []
    for address, written in example.items():
        kind, _, name = address.partition(".")
        settings = value_of(written)
        found.append(Resource(kind, name, settings, "", str(tags_of(settings).get("component") or "")))
    return found


@cache
def examples() -> dict[str, dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # every worker reads all of them
    return {path.stem: yaml.load(path.read_text(), loader) for path in sorted(EXAMPLES.glob("*.yaml"))}


def cases(verdict: str) -> list[Any]:
    found = []
    for name, read in examples().items():
        for number, example in enumerate(read.get(verdict, ())):
            found.append(pytest.param(name, example, id=f"{name}-{number}"))
    return found


def findings(name: str, example: dict[str, Any]):
    system = recorded_system() if name in NEEDS_A_SPEC else None
    found = run_audit(system, resources_of(example), planned=name != "alarms-reach-someone", checks=[name])
    return list(found.findings), found.verdict_of(name)


def test_every_check_has_a_good_and_a_bad_example() -> None:
    assert set(examples()) == set(all_checks())
    for name, example in examples().items():
        assert example["bad"] and (example.get("good") or name in ONLY_BAD), name


@pytest.mark.parametrize(("name", "example"), cases("good"))
def test_good(name: str, example: dict[str, Any]) -> None:
    found, verdict = findings(name, example)
    assert verdict == "kept", found
    assert all(one.what and not one.fix for one in found)


@pytest.mark.parametrize(("name", "example"), cases("bad"))
def test_bad(name: str, example: dict[str, Any]) -> None:
    found, verdict = findings(name, example)
    assert verdict == "broken", found
    assert all(one.what and one.fix for one in found if one.verdict == "broken")


@pytest.mark.parametrize(("name", "example"), cases("unknown"))
def test_undecided(name: str, example: dict[str, Any]) -> None:
    found, verdict = findings(name, example)
    assert verdict == "unknown", found
    assert all(one.what and one.fix for one in found if one.verdict == "unknown")


def test_no_secret_is_ever_repeated() -> None:
    words = ("hunter2", "s3cr3tpass", "a1b2c3d4e5f6", "AKIAIOSFODNN7EXAMPLE", "ghp_")
    for case in cases("bad"):
        name, example = case.values
        assert not any(word in f"{one.what} {one.fix}" for one in findings(name, example)[0] for word in words)
