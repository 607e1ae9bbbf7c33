"""Buckets are closed to the public.

*Looks at*: the four switches of the public access block (of the bucket or the account), access lists, and policies
that allow everybody; public items of storage accounts and access of containers (Azure), public access prevention and
members of buckets (Google Cloud); what stands behind content delivery may be read by anybody, object by object
*Why*: most leaks of object storage were a bucket that somebody opened
*Fix*: add aws_s3_bucket_public_access_block with all four set to true; name who may read in the policy
*Source*: AWS Foundational Security Best Practices, S3.1, S3.2 and S3.8; CIS Google Cloud Platform Foundation
Benchmark 3.0, 5.1; CIS Microsoft Azure Foundations Benchmark 3.0, 4.17; azurerm provider, azurerm_storage_account:
public items are allowed where nothing is said; google provider: nothing is prevented where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged, kept
from standfast.audit.policy import open_to_anyone
from standfast.audit.reading import UNKNOWN, all_hold, any_holds, document, flag, is_one_of, known
from standfast.audit.roles import EVERYBODY, grants
from standfast.audit.table import Beside, OneOf, Setting, judge
from standfast.blueprint import Resource

ID = "bucket-private"
TITLE = "Buckets are closed to the public"
SEVERITY = "critical"
AWS = ("aws_s3_bucket",)
# An account behind content delivery is read as anybody; its containers then show single objects, and no list.
DELIVERED = Beside("azurerm_cdn_frontdoor_origin", "host_name")
TABLE = {
    "azurerm_storage_account": OneOf((Setting("allow_nested_items_to_be_public", False), DELIVERED)),
    "azurerm_storage_container": Setting("container_access_type", ("private", "blob"), unset="private"),
}
KINDS = (*AWS, *TABLE, "google_storage_bucket")
READS_ONE = ("roles/storage.legacyObjectReader",)  # without the right to list what is there

BLOCK = "aws_s3_bucket_public_access_block"
SWITCHES = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
FIX = f"add {BLOCK} with all four switches true"


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "nobody reads it without a name", "nothing keeps it from being made public")
    yield from _google(estate)
    account = any_holds(_closed(one) for one in estate.of("aws_s3_account_public_access_block"))
    for bucket in estate.of(*AWS):
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


def _google(estate: Estate) -> Iterator[Finding]:
    given = [one for one in grants(estate) if one.origin.kind.startswith("google_storage_bucket_")]
    for bucket in estate.of("google_storage_bucket"):
        public = [
            one for one in given
            if estate.target(one.on, bucket.kind) == bucket and any(name in EVERYBODY for name in one.members)
        ]  # fmt: skip
        delivered = bool(estate.linked("google_compute_backend_bucket", "bucket_name", bucket))
        wrong = [one for one in public if not (delivered and one.role in READS_ONE)]
        for one in wrong:
            yield broken(one.origin, f"anybody has {one.role} on it", "name who may read it")
        if public and not wrong:
            yield kept(bucket, "content delivery shows it, object by object")
        elif not public:
            prevented = is_one_of(known(bucket, "public_access_prevention"), "enforced")
            bad, fix = "nothing keeps it from being made public", "set public_access_prevention = enforced"
            yield judged(bucket, prevented, "public access is prevented", bad, fix)


def _closed(one: Resource) -> bool | None:
    return all_hold(flag(one, name) for name in SWITCHES)


def _lists(estate: Estate, bucket: Resource) -> list:
    return [known(bucket, "acl"), *(known(one, "acl") for one in estate.linked("aws_s3_bucket_acl", "bucket", bucket))]
