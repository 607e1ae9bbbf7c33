"""Buckets refuse public access.

*Looks at*: the public access block of every bucket
*Why*: with it, one wrong policy publishes nothing
*Fix*: add aws_s3_bucket_public_access_block with all four settings true
*Source*: AWS Foundational Security Best Practices, S3.8
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "bucket-private",
    "Buckets refuse public access",
    "critical",
    ("aws_s3_bucket",),
    "add aws_s3_bucket_public_access_block with all four settings true",
)
SETTINGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def check(estate: Estate) -> Iterator[Finding]:
    for bucket in estate.of(*CHECK.kinds):
        blocks = estate.referring("aws_s3_bucket_public_access_block", "bucket", bucket)
        open_ = [name for name in SETTINGS if not any(estate.value(one, name) is True for one in blocks)]
        yield estate.finding(CHECK, bucket, f"it may be made public: {', '.join(open_)} not set" if open_ else "")
