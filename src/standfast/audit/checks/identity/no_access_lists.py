"""Buckets have no access lists.

*Looks at*: whether single objects may have access lists of their own
*Why*: who may read what is then written in a million places
*Fix*: set uniform_bucket_level_access = true; object_ownership = BucketOwnerEnforced
*Source*: AWS Foundational Security Best Practices, S3.12; CIS Google Cloud Platform Foundation Benchmark 3.0, 5.2;
google provider: lists are taken where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "no-access-lists"
TITLE = "Buckets have no access lists"
SEVERITY = "medium"


TABLE = {
    "google_storage_bucket": Setting("uniform_bucket_level_access", True),
    "aws_s3_bucket_ownership_controls": Setting("rule.object_ownership", "BucketOwnerEnforced"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its policy alone says who may", "single objects may say who may")
