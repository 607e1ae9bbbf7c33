"""The contracts for scripts: keys, streams and exit codes that other people's pipelines rest on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_cli import standfast
from tests.shop import EXAMPLES

SHOP = str(EXAMPLES / "shop.yaml")
EXAMPLE = (EXAMPLES / "shop.yaml").read_text()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("contract") / "out"
    assert standfast("build", SHOP, "--out", str(out)).returncode == 0
    return out


def test_plan_as_json() -> None:
    result = standfast("plan", SHOP, "--format", "json")
    assert result.returncode == 0 and not result.stderr
    plan = json.loads(result.stdout)
    assert {"system", "assumptions", "cloud", "region", "monthly_usd", "promises", "choices", "prices"} <= plan.keys()
    assert plan["monthly_usd"].keys() == {"low", "typical", "high"}
    row = {"promise", "measure", "declared", "predicted", "measured", "unit", "verdict", "place"}
    assert all(row <= one.keys() for one in plan["promises"])
    assert {one["promise"] for one in plan["promises"]} == {
        "scalability", "reliability", "performance", "security", "cost",
    }  # fmt: skip
    choice = {"component", "offer", "count", "zones", "monthly_usd", "because", "next_best"}
    assert all(choice <= one.keys() for one in plan["choices"])
    assert plan["prices"].keys() == {"oldest", "newest", "lock"} and plan["assumptions"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("", "", 0),
        ("rollback", "rollback", 0),
        ("availability: 99.9%", "availability: 99.91%", 1),  # kept by the infrastructure, broken by the changes
        ("exposure: public", "exposure: public, frameworks: [nist-800-53-low]", 2),
        ("budget: 7000", "budget: 70", 1),
    ],
)
def test_the_exit_code_follows_the_table(tmp_path: Path, old: str, new: str, code: int) -> None:
    spec = tmp_path / "shop.yaml"
    spec.write_text(EXAMPLE.replace(old, new))
    result = standfast("plan", str(spec))
    assert result.returncode == code, result.stdout + result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["shop.yaml"]


def test_audit_as_json_of_a_spec_and_of_a_folder(built: Path) -> None:
    for subject in (SHOP, str(built)):
        words = ("audit", subject, "--format", "json", "--framework", "nist-800-53-moderate", "--out", str(built))
        result = standfast(*words)
        assert result.returncode == 0, result.stderr
        found = json.loads(result.stdout)
        assert found["worlds"]["plan"]["verdict"] == "kept"
        assert len(found["frameworks"]["nist-800-53-moderate"]) == 287
    assert (built / "audit" / "findings.json").exists()


def test_evidence_that_was_altered_is_named(built: Path) -> None:
    import sqlite3

    assert standfast("audit", SHOP, "--out", str(built)).returncode == 0
    assert standfast("audit", SHOP, "--verify", "--out", str(built)).returncode == 0
    with sqlite3.connect(built / "ledger.sqlite") as raw:
        raw.executescript("DROP TRIGGER no_update; UPDATE evidence SET verdict = 'kept ' WHERE number = 1")
    result = standfast("audit", SHOP, "--verify", "--out", str(built))
    assert result.returncode == 1 and "record 1 was altered" in result.stderr


def test_status_and_report_without_anything_built(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = standfast("status", SHOP, "--out", str(out), "--format", "json")
    assert result.returncode == 0 and json.loads(result.stdout)["verdict"] == "kept"
    assert not out.exists()
    result = standfast("report", SHOP, "--out", str(out))
    assert result.returncode == 0 and (out / "report.html").read_text().startswith("<!doctype html>")


def test_an_unknown_framework_or_environment_gets_the_nearest() -> None:
    result = standfast("audit", SHOP, "--framework", "nist-800-53-medium")
    assert result.returncode == 1 and "did you mean 'nist-800-53-" in result.stderr
    result = standfast("plan", SHOP, "--environment", "stagin")
    assert result.returncode == 1 and "no environment 'stagin'" in result.stderr


def test_a_plan_of_another_version_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"system": 1}')
    result = standfast("status", SHOP, "--out", str(tmp_path))
    assert result.returncode == 1 and "is not a plan of this version" in result.stderr
