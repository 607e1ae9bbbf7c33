"""A deleted secret can be brought back.

*Looks at*: how long a deleted secret is kept
*Why*: a secret deleted by mistake stops whatever logs in with it
*Fix*: keep deleted secrets for a week or more
*Source*: AWS Secrets Manager User Guide, "Delete a secret" (30 days where nothing is said); Secret Manager docs,
"Delay destruction of secret versions" (at once where nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, at_least, judge

ID = "secret-recoverable"
TITLE = "A deleted secret can be brought back"
SEVERITY = "medium"


TABLE = {
    "aws_secretsmanager_secret": Setting("recovery_window_in_days", at_least(7), unset=30),
    "google_secret_manager_secret": Setting(
        "version_destroy_ttl", at_least(86400), fix="set version_destroy_ttl = 2592000s"
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it can be brought back for a while", "it is gone when it is deleted")
