"""Write what each policy that AWS manages lets do with data, from moto's copy of them: audit/rights/aws/managed.csv.

An action stands for itself where a policy allows it on everything, with an @ and a pattern where on some things only;
with a ? before it where a condition decides.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from moto.iam.aws_managed_policies import aws_managed_policies_data

from standfast.audit.policy import statements
from standfast.audit.rights.aws.data import KINDS
from standfast.audit.rights.globs import meets

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "src/standfast/audit/rights/aws/managed.csv"
ACTIONS = sorted(
    {action for kind in KINDS.values() for action in (*kind.read, *kind.write)}
    | {"kms:decrypt", "kms:generatedatakey", "sts:assumerole"}
)
# How ARNs of a service's own things begin: a statement over several services names the others' things as well.
LAST = {name: f":{name}:" for name in ("s3", "dynamodb", "secretsmanager", "ssm", "sqs", "kinesis", "logs", "kms")}
LAST |= {"elasticfilesystem": ":elasticfilesystem:", "sts": ":iam:"}


def table() -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["policy", "actions"])
    for name, policy in sorted(json.loads(aws_managed_policies_data).items()):
        rows.writerow([name, " ".join(filter(None, (_said(policy["Document"], action) for action in ACTIONS)))])
    return out.getvalue()


def _said(document: object, action: str) -> str:
    found = [one for one in statements(document) if one.allows]
    hits = [one for one in found if any(meets(each, action) for each in one.actions) != ("NotAction" in one.but)]
    if not hits:
        return ""
    free = [one for one in hits if not one.conditions and "NotResource" not in one.but]
    patterns = sorted({str(each) for one in free for each in one.resources})
    if "*" in patterns:
        return action
    narrowed = [f"{action}@{each}" for each in patterns if " " not in each and LAST[action.split(":")[0]] in each]
    return " ".join([*narrowed, *([f"?{action}"] if len(free) < len(hits) else [])])


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
