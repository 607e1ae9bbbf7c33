"""Buckets keep what was overwritten or deleted.

*Looks at*: versioning of each bucket
*Why*: a mistake or a break-in otherwise deletes for good
*Fix*: add aws_s3_bucket_versioning with status = Enabled
*Source*: AWS Foundational Security Best Practices, S3.14
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import any_holds, flag, is_one_of, known

ID = "bucket-versioned"
TITLE = "Buckets keep what was overwritten or deleted"
SEVERITY = "medium"
KINDS = ("aws_s3_bucket",)

VERSIONING = "aws_s3_bucket_versioning"
FIX = f"add {VERSIONING} with status = Enabled"


def check(estate: Estate) -> Iterator[Finding]:
    for bucket in estate.of(*KINDS):
        found = estate.linked(VERSIONING, "bucket", bucket)
        kept_ = any_holds(is_one_of(known(one, "versioning_configuration.status"), "Enabled") for one in found)
        if not found:
            kept_ = flag(bucket, "versioning.enabled") or estate.absent(VERSIONING, "bucket")
        yield judged(bucket, kept_, "it keeps old versions", "it keeps no old versions", FIX)
