"""Buckets are encrypted at rest.

*Looks at*: the encryption configuration of each bucket
*Why*: what is said is checked and kept; AWS's own default can be read by whoever may read the bucket, and needs no
key
*Fix*: add aws_s3_bucket_server_side_encryption_configuration with aws:kms; for a bucket of access logs AES256
*Source*: AWS Foundational Security Best Practices, S3.17; Amazon S3 User Guide, Default encryption
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import UNKNOWN, any_holds, blocks, is_one_of, known
from standfast.blueprint import Resource

ID = "bucket-encrypted"
TITLE = "Buckets are encrypted at rest"
SEVERITY = "medium"
KINDS = ("aws_s3_bucket",)

SIDE = "aws_s3_bucket_server_side_encryption_configuration"
METHODS = ("aws:kms", "aws:kms:dsse", "AES256")
FIX = f"add {SIDE} with sse_algorithm = aws:kms"


def check(estate: Estate) -> Iterator[Finding]:
    for bucket in estate.of(*KINDS):
        sides = estate.linked(SIDE, "bucket", bucket)
        rules = [rule for side in sides for rule in blocks(side, "rule")]
        inline = blocks(bucket, "server_side_encryption_configuration")
        rules += [rule for one in inline for rule in (blocks(one, "rule") if one is not UNKNOWN else ())]
        encrypted = any_holds(_method(rule) for rule in rules)
        if not sides and not encrypted:
            encrypted = estate.absent(SIDE, "bucket")
        yield judged(bucket, encrypted, "its encryption is said", "nothing says how it is encrypted", FIX)


def _method(rule: Resource) -> bool | None:
    return is_one_of(known(rule, "apply_server_side_encryption_by_default.sse_algorithm"), *METHODS)
