"""Buckets are encrypted by default.

*Looks at*: the default encryption of every bucket
*Why*: a copy of the data elsewhere is readable without it
*Fix*: add aws_s3_bucket_server_side_encryption_configuration
*Source*: AWS Foundational Security Best Practices, S3.17
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "bucket-encrypted",
    "Buckets are encrypted by default",
    "high",
    ("aws_s3_bucket",),
    "add aws_s3_bucket_server_side_encryption_configuration",
)


def check(estate: Estate) -> Iterator[Finding]:
    path = "rule.apply_server_side_encryption_by_default.sse_algorithm"
    for bucket in estate.of(*CHECK.kinds):
        rules = estate.referring("aws_s3_bucket_server_side_encryption_configuration", "bucket", bucket)
        encrypted = any(estate.values(one, path) for one in rules)
        yield estate.finding(CHECK, bucket, "" if encrypted else "nothing says how it is encrypted")
