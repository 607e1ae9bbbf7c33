"""Roles, keys, topics and secrets name who may use them.

*Looks at*: policies on things: statements that allow everybody, and no condition that names an account, an
organisation or a source; members of every resource of Google Cloud that can be given to all users
*Why*: anybody with an AWS account could use it
*Fix*: name the account, the role or the service in Principal, or add a condition on aws:SourceAccount
*Source*: AWS IAM User Guide, "AWS JSON policy elements: Principal"; IAM Access Analyzer, findings of external access;
CIS Google Cloud Platform Foundation Benchmark 3.0, 1.9 and 7.1
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.policy import open_to_anyone
from standfast.audit.reading import UNKNOWN, Unknown, document
from standfast.audit.roles import EVERYBODY, GOOGLE_KINDS, grants
from standfast.blueprint import Var

ID = "no-open-policies"
TITLE = "Roles, keys, topics and secrets name who may use them"
SEVERITY = "high"
AWS = (
    "aws_iam_role",
    "aws_kms_key",
    "aws_sns_topic_policy",
    "aws_sqs_queue_policy",
    "aws_secretsmanager_secret_policy",
    "aws_backup_vault_policy",
    "aws_ecr_repository_policy",
)

FIX = "name who may use it in Principal, or add a condition on the account"
WHERE = {"aws_iam_role": "assume_role_policy"}

# Buckets have a check of their own: bucket-private.
GOOGLE = tuple(kind for kind in GOOGLE_KINDS if not kind.startswith("google_storage_bucket_"))
KINDS = (*AWS, *GOOGLE)


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*AWS):
        said = document(one, WHERE.get(one.kind, "policy"))
        open_ = [] if said is UNKNOWN else open_to_anyone(said)
        holds = None if said is UNKNOWN else not open_
        yield judged(
            one, holds, "it names who may use it", f"anybody may use it ({', '.join(open_) or 'its policy'})", FIX
        )
    for given in grants(estate):
        if given.origin.kind in GOOGLE:
            later = [one for one in given.members if isinstance(one, (Var, Unknown))]
            everybody = any(one in EVERYBODY for one in given.members)
            holds = False if everybody else None if later else True
            yield judged(given.origin, holds, "it names who may use it", "anybody may use it", "name the member")
