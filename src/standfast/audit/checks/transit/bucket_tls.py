"""Buckets refuse plain HTTP.

*Looks at*: a statement in the policy of each bucket that denies everything to everybody without TLS
*Why*: a client that falls back to HTTP would show keys and contents to the network
*Fix*: deny s3:* on the bucket and its objects to * where aws:SecureTransport is false
*Source*: AWS Foundational Security Best Practices, S3.5
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.policy import Statement, statements
from standfast.audit.reading import UNKNOWN, any_holds, document, literal_text

ID = "bucket-tls"
TITLE = "Buckets refuse plain HTTP"
SEVERITY = "medium"
KINDS = ("aws_s3_bucket",)

FIX = "deny s3:* on the bucket and its objects to everybody where aws:SecureTransport is false"


def check(estate: Estate) -> Iterator[Finding]:
    for bucket in estate.of(*KINDS):
        policies = estate.linked("aws_s3_bucket_policy", "bucket", bucket)
        documents = [document(one, "policy") for one in policies]
        refuses = any_holds(None if one is UNKNOWN else any(map(_refuses, statements(one))) for one in documents)
        if not policies:
            refuses = estate.absent("aws_s3_bucket_policy", "bucket")
        yield judged(bucket, refuses, "it refuses plain HTTP", "it answers over plain HTTP", FIX)


def _refuses(one: Statement) -> bool:
    transport = [str(value).lower() for value in one.condition("Bool", "aws:SecureTransport")]
    everything = not one.allows and one.anyone and not one.everything_but
    whole = any(_is_objects(value) for value in one.resources)
    return everything and transport == ["false"] and whole and bool({"s3:*", "*"} & set(one.actions))


def _is_objects(resource: object) -> bool:
    text = literal_text(resource)
    return text == "*" or text.endswith("/*")
