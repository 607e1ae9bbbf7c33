"""Buckets keep old versions.

*Looks at*: the versioning of every bucket
*Why*: what is overwritten or deleted by a fault or an attacker comes back only from an old version
*Fix*: add aws_s3_bucket_versioning with status Enabled
*Source*: AWS Foundational Security Best Practices, S3.14
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "bucket-versioned",
    "Buckets keep old versions",
    "high",
    ("aws_s3_bucket",),
    "add aws_s3_bucket_versioning with status Enabled",
)


def check(estate: Estate) -> Iterator[Finding]:
    for bucket in estate.of(*CHECK.kinds):
        rules = estate.referring("aws_s3_bucket_versioning", "bucket", bucket)
        kept = any(estate.value(one, "versioning_configuration.status") == "Enabled" for one in rules)
        yield estate.finding(CHECK, bucket, "" if kept else "what is overwritten is lost")
