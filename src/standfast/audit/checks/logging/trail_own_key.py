"""The record of the account is encrypted with a key of your own.

*Looks at*: the key of trails, and of workspaces that keep logs
*Why*: who reads the record knows how you are watched
*Fix*: name a key of your KMS
*Source*: AWS Foundational Security Best Practices, CloudTrail.2; Cloud Logging docs, "Customer-managed encryption
keys"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "trail-own-key"
TITLE = "The record of the account is encrypted with a key of your own"
SEVERITY = "medium"


TABLE = {
    "aws_cloudtrail": Setting("kms_key_id", written),
    "google_logging_project_bucket_config": Setting("cmek_settings.kms_key_name", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "its key is the provider's")
