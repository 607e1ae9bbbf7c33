"""Parliament, a linter of IAM policies that others keep, over every policy of every AWS example: it finds nothing.

It knows each action, the resources it can be given on, and the conditions it understands. `parliament-waivers.csv`
would hold what stays and why; it holds nothing.
"""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from standfast.blueprint import Blueprint, make_blueprint, make_blueprints
from standfast.plan import make_plan
from standfast.spec import parse_spec, read_spec
from tests.blueprint.shapes import everything
from tests.code.policies import policies
from tests.code.test_checkov import together
from tests.programs import lacking
from tests.shop import EXAMPLES

pytestmark = pytest.mark.real

ROOT = Path(__file__).parent.parent.parent
WAIVERS = Path(__file__).with_name("parliament-waivers.csv")


def linted(found: Mapping[str, Any]) -> list[dict[str, str]]:
    own = ROOT / ".tools/parliament/bin/python"
    if not own.exists():
        lacking("Parliament is not there: make it with scripts/parliament/setup")
    words = [str(own), str(Path(__file__).with_name("linting.py"))]
    done = subprocess.run(words, input=json.dumps(found), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def blueprints() -> dict[str, Blueprint]:
    """Every example on AWS, both sites of those that have two, and a plan of every kind of service."""
    plans = {path.stem: make_plan(read_spec(path), margins=False) for path in sorted(EXAMPLES.glob("*.yaml"))}
    plans["together"] = make_plan(parse_spec(together(), "together.yaml"), margins=False)
    found = {f"{name}/{one.site}": one for name, plan in plans.items() for one in make_blueprints(plan)}
    found["everything/"] = make_blueprint(everything())
    return {name: one for name, one in found.items() if one.cloud == "aws"}


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    return {f"{name}/{address}": text for name, one in blueprints().items() for address, text in policies(one)}


def test_the_linter_finds_nothing_without_a_reason(written: dict[str, Any]) -> None:
    assert len(written) > 20
    with WAIVERS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(one["policy"].rpartition("/")[2], one["issue"], one["detail"]) for one in linted(written)}
    waived = {(row["policy"], row["issue"]) for row in rows if len(row["reason"]) > 30}
    assert [one for one in sorted(found) if one[:2] not in waived] == []
    assert waived <= {one[:2] for one in found}, "a waiver that answers nothing"


def test_it_finds_what_is_wrong(written: dict[str, Any]) -> None:
    """The same policies, each made wide, misspelt, or given on what its actions do not know."""

    def one_of(action: str, resource: str) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}

    first = next(text for text in written.values() if "secretsmanager:GetSecretValue" in json.dumps(text))
    spoilt = {
        "wide": json.loads(json.dumps(first).replace("arn:aws:secretsmanager", "*")),
        "star": one_of("autoscaling:SetDesiredCapacity", "*"),
        "misspelt": one_of("s3:GetObjekt", "arn:aws:s3:::a/*"),
        "elsewhere": one_of("logs:DescribeLogGroups", "arn:aws:logs:eu-west-1:123456789012:log-group:a:*"),
    }
    found = {(one["policy"], one["issue"]) for one in linted(spoilt)}
    assert {("star", "RESOURCE_STAR"), ("misspelt", "UNKNOWN_ACTION"), ("elsewhere", "RESOURCE_MISMATCH")} <= found
    assert "wide" in {name for name, _ in found}
