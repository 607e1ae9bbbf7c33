"""Buckets are closed to the public.

*Looks at*: the four switches of the public access block (of the bucket or the account), access lists, and policies
that allow everybody
*Why*: most leaks of object storage were a bucket that somebody opened
*Fix*: add aws_s3_bucket_public_access_block with all four set to true; name who may read in the policy
*Source*: AWS Foundational Security Best Practices, S3.1, S3.2 and S3.8
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged
from standfast.audit.policy import open_to_anyone
from standfast.audit.reading import UNKNOWN, all_hold, any_holds, document, flag, known
from standfast.blueprint import Resource

ID = "bucket-private"
TITLE = "Buckets are closed to the public"
SEVERITY = "critical"
KINDS = ("aws_s3_bucket",)

BLOCK = "aws_s3_bucket_public_access_block"
SWITCHES = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
FIX = f"add {BLOCK} with all four switches true"


def check(estate: Estate) -> Iterator[Finding]:
    account = any_holds(_closed(one) for one in estate.of("aws_s3_account_public_access_block"))
    for bucket in estate.of(*KINDS):
        found = estate.linked(BLOCK, "bucket", bucket)
        closed = all_hold(_closed(one) for one in found) if found else estate.absent(BLOCK, "bucket")
        closed = any_holds((closed, account))
        yield judged(bucket, closed, "public access is blocked", "nothing keeps it from being made public", FIX)
        for policy in estate.linked("aws_s3_bucket_policy", "bucket", bucket):
            said = document(policy, "policy")
            if said is not UNKNOWN and (sids := open_to_anyone(said)):
                what = f"its policy lets anybody in ({', '.join(sids)})"
                yield broken(bucket, what, "name who may read it in the policy")
        if any("public" in str(acl) for acl in _lists(estate, bucket)):
            yield broken(bucket, "its access list lets anybody in", "set object_ownership = BucketOwnerEnforced")


def _closed(one: Resource) -> bool | None:
    return all_hold(flag(one, name) for name in SWITCHES)


def _lists(estate: Estate, bucket: Resource) -> list:
    return [known(bucket, "acl"), *(known(one, "acl") for one in estate.linked("aws_s3_bucket_acl", "bucket", bucket))]
