"""Checkov, a scanner that others keep, over what is written of every example: nothing it finds stays unsaid.

`checkov-waivers.csv` holds what stays and why: one decision a row. A row, or a check in it, that answers no finding
fails here as well.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase as fnmatch
from pathlib import Path

import pytest

from standfast.blueprint import make_blueprints
from standfast.code import languages_for, write_all
from standfast.files import write_files
from standfast.plan import make_plan
from standfast.spec import parse_spec, read_spec
from tests.programs import need
from tests.shop import EXAMPLES

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parent.parent.parent
WAIVERS = Path(__file__).with_name("checkov-waivers.csv")
FRAMEWORKS = ("terraform", "cloudformation", "kubernetes")
# A thing that is wrong, in each language: an open disk, a bucket with no key, a container that is root.
SPOILT = {
    "spoilt/terraform/main.tf": 'resource "aws_ebs_volume" "open" {\n  availability_zone = "eu-west-1a"\n  size = 1\n'
    "  encrypted = false\n}\n",
    "spoilt/cloudformation/main.yaml": "Resources:\n  Open:\n    Type: AWS::EC2::Volume\n    Properties:\n"
    "      AvailabilityZone: eu-west-1a\n      Size: 1\n      Encrypted: false\n",
    "spoilt/kubernetes/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: open}\nspec:\n  containers:\n"
    "    - {name: open, image: nginx, securityContext: {privileged: true}}\n",
}


@dataclass(frozen=True)
class Finding:
    check: str
    resource: str
    path: str


def together() -> str:
    """The example with a standby, promised so soon that both sites have to serve."""
    text = (EXAMPLES / "standby.yaml").read_text(encoding="utf-8")
    return text.replace("{rto: 40 min", "{rto: 10 min").replace("memory: 1 GiB}", "memory: 1 GiB, essential: false}")


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What one run of Checkov finds in all examples, and in what is spoilt on purpose."""
    folder = tmp_path_factory.mktemp("code")
    for path in sorted(EXAMPLES.glob("*.yaml")):
        plan = make_plan(read_spec(path), margins=False)
        wanted = [name for name in languages_for(plan) if name in FRAMEWORKS]
        write_files(write_all(plan, make_blueprints(plan), wanted).files, folder / path.stem)
    plan = make_plan(parse_spec(together(), "together.yaml"), margins=False)
    assert plan.standby is not None and plan.standby.design == "active-active"
    write_files(write_all(plan, make_blueprints(plan), ["cloudformation", "terraform"]).files, folder / "together")
    for path, text in SPOILT.items():
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text)
    return scanned(folder)


def scanned(folder: Path) -> list[Finding]:
    own = ROOT / ".tools/checkov/bin/checkov"
    program = str(own) if own.exists() else need("checkov", "Checkov, with scripts/checkov/setup")
    away = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}  # it asks nobody
    words = ["--directory", ".", "--framework", *FRAMEWORKS, "--skip-download", "--compact", "--output", "json"]
    done = subprocess.run([program, *words], cwd=folder, env={**os.environ, **away}, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    told = json.loads(done.stdout)
    assert {one["check_type"] for one in told} == set(FRAMEWORKS)
    assert all(one["summary"]["parsing_errors"] == 0 and one["summary"]["passed"] > 20 for one in told)
    return [
        Finding(one["check_id"], one["resource"], one["file_path"].lstrip("/"))
        for part in told
        for one in part["results"]["failed_checks"]
    ]


def waivers() -> list[dict[str, str]]:
    with WAIVERS.open(newline="") as file:
        return list(csv.DictReader(file))


def judged(findings: Iterable[Finding], rows: list[dict[str, str]]) -> tuple[list[Finding], list[str]]:
    """Findings that no waiver answers, and the checks and resources of waivers that answer no finding."""
    found = {one for one in findings if not one.path.startswith("spoilt/")}
    answered: set[Finding] = set()
    needless: list[str] = []
    for row in rows:
        checks, patterns = row["checks"].split(), row["resources"].split()
        hits = {one for one in found if one.check in checks and any(fnmatch(one.resource, each) for each in patterns)}
        needless += [check for check in checks if check not in {one.check for one in hits}]
        needless += [each for each in patterns if not any(fnmatch(one.resource, each) for one in hits)]
        answered |= hits
    return sorted(found - answered, key=lambda one: (one.check, one.resource)), sorted(needless)


def test_what_is_found_is_fixed_or_has_a_reason(findings: list[Finding]) -> None:
    open_, needless = judged(findings, waivers())
    assert [(one.check, one.resource) for one in open_] == []
    assert needless == []


def test_waivers_are_few_and_say_why() -> None:
    rows = waivers()
    assert len(rows) <= 10
    checks = [check for row in rows for check in row["checks"].split()]
    assert len(checks) == len(set(checks))
    assert all(row["resources"] and len(row["reason"]) > 30 for row in rows)


def test_what_is_wrong_is_found_in_each_language(findings: list[Finding]) -> None:
    spoilt = {(one.path.split("/")[1], one.check) for one in findings if one.path.startswith("spoilt/")}
    assert {("terraform", "CKV_AWS_3"), ("cloudformation", "CKV_AWS_3"), ("kubernetes", "CKV_K8S_16")} <= spoilt


def test_a_waiver_that_nobody_needs_is_told(findings: list[Finding]) -> None:
    more = [*waivers(), {"resources": "aws_moon.*", "checks": "CKV_AWS_1", "reason": "none"}]
    assert judged(findings, more)[1] == ["CKV_AWS_1", "aws_moon.*"]
    assert judged(findings, waivers()[1:])[0], "without its waiver a finding is open"
