"""Our own templates of CloudFormation, read as templates of others: the findings of the plan they were written from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from standfast.audit import Audit, run_audit
from standfast.audit.sources.folder import read_path
from standfast.blueprint import make_blueprint
from standfast.code.cloudformation import write
from tests.shop import shop_plan

# Check and kind -> plan, template, and why they are not the same.
APART = {
    ("default-group-closed", "aws_vpc"): ("kept", "broken", "CloudFormation cannot take the default firewall over"),
    ("bucket-tls", "aws_s3_bucket"): ("kept", "unknown", "the policy is in a template that comes later"),
    ("no-secrets-in-code", "aws_secretsmanager_secret_version"): ("kept", "", "the cloud makes it, it stands nowhere"),
}  # fmt: skip


def told(audit: Audit) -> Counter[tuple[str, str, str]]:
    return Counter((one.check, one.resource.partition(".")[0], one.verdict) for one in audit.findings)


def test_a_template_of_ours_says_what_its_plan_says(tmp_path: Path) -> None:
    blueprint = make_blueprint(shop_plan())
    for file in write(blueprint):
        (tmp_path / file.path).write_text(file.text)
    found = read_path(tmp_path)
    assert [problem for one in found for problem in one.problems] == []
    resources = [one for stack in found for one in stack.resources]
    planned = told(run_audit(None, blueprint.resources, region=blueprint.region))
    read = told(run_audit(None, resources, region=blueprint.region))
    for (check, kind), (plan, template, _) in APART.items():
        planned -= Counter([(check, kind, plan)])
        read -= Counter([(check, kind, template)])
        assert read[(check, kind, plan)] == planned[(check, kind, plan)]
    assert read == planned and len(read) > 60
