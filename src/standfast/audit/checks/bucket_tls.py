"""Buckets refuse requests without TLS.

*Looks at*: a statement in the bucket's policy that denies plain HTTP
*Why*: what goes over a network can be read on it
*Fix*: add a Deny for aws:SecureTransport = false to the bucket's policy
*Source*: AWS Foundational Security Best Practices, S3.5
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "bucket-tls",
    "Buckets refuse requests without TLS",
    "medium",
    ("aws_s3_bucket",),
    "add a Deny for aws:SecureTransport = false to the bucket's policy",
)


def check(estate: Estate) -> Iterator[Finding]:
    for bucket in estate.of(*CHECK.kinds):
        policies = estate.referring("aws_s3_bucket_policy", "bucket", bucket)
        documents = [document for one in policies for document in estate.documents(one, "policy")]
        unknown = bool(documents) and not any(isinstance(one, dict) for one in documents)
        denied = any(_denies_plain(one) for one in documents if isinstance(one, dict))
        yield estate.finding(CHECK, bucket, "" if denied or unknown else "plain HTTP is answered", unknown=unknown)


def _denies_plain(document: dict) -> bool:
    statements = document.get("Statement", [])
    for one in statements if isinstance(statements, list) else [statements]:
        condition = one.get("Condition", {}).get("Bool", {})
        if one.get("Effect") == "Deny" and str(condition.get("aws:SecureTransport", "")).lower() == "false":
            return True
    return False
