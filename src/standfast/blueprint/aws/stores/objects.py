"""Buckets: one per object store, one for access logs, one for the record of the account. None is ever public."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.keys import DATA_KEY, LOGS_KEY
from standfast.blueprint.aws.policy import ACCOUNT, OWN_ACCOUNT, Statement, allow, arn, below, document
from standfast.blueprint.aws.site import Kept, Part, Site, shortened
from standfast.blueprint.model import Block, Join, Ref, Resource, Var

ACCESS_LOGS, TRAIL = "access_logs", "trail"


def resources(site: Site) -> Iterator[Resource]:
    for kept in site.buckets:
        yield from _store(site, kept)
    yield from _access_logs(site)
    yield from _trail(site)


def bucket(name: str, attribute: str = "id") -> Ref:
    return Ref(f"aws_s3_bucket.{name}", attribute)


def bucket_head(site: Site, shown: str) -> str:
    """What a bucket's name is before the number of the account."""
    return f"{shortened(f'{site.own}-{shown}', 63 - 13)}-"


def _store(site: Site, kept: Kept) -> Iterator[Resource]:
    part = site.part(kept.name, "data", kept.store.place)
    days = max(site.size("backup", "retention_days", 35), 1)
    rules = [
        _rule("versions", noncurrent_version_expiration=Block({"noncurrent_days": days})),
        _rule("uploads", abort_incomplete_multipart_upload=Block({"days_after_initiation": 7})),
    ]
    statements = []
    if site.delivers(kept) or (kept.store.cdn and site.follows):
        made = Ref(f"aws_cloudfront_distribution.{kept.id}", "arn")
        only = {"StringEquals": {"aws:SourceArn": Var(f"{kept.id}_distribution") if site.follows else made}}
        read = below(bucket(kept.id, "arn"), "/*")
        who = "cloudfront.amazonaws.com"
        statements.append(allow("s3:GetObject", read, "ContentDelivery", service=who, condition=only))
    why = f"{kept.name}: every version is kept for {days} days, so that what was overwritten or deleted comes back."
    yield from _bucket(site, part, kept.id, kept.name, why, DATA_KEY, rules, statements)
    yield _logged(part, kept.id, kept.name)


def _access_logs(site: Site) -> Iterator[Resource]:
    part = site.part("logs", "watch")
    everything = below(bucket(ACCESS_LOGS, "arn"), "/balancer/*")
    balancers = {**OWN_ACCOUNT, "ArnLike": {"aws:SourceArn": arn("elasticloadbalancing", "loadbalancer/*", "*")}}
    statements = [
        allow(
            "s3:PutObject",
            everything,
            "Balancers",
            service="logdelivery.elasticloadbalancing.amazonaws.com",
            condition=balancers,
        ),
        allow(
            "s3:PutObject",
            below(bucket(ACCESS_LOGS, "arn"), "/s3/*"),
            "Buckets",
            service="logging.s3.amazonaws.com",
            condition=OWN_ACCOUNT,
        ),
    ]
    if any(site.delivers(kept) for kept in site.buckets):
        source = {**OWN_ACCOUNT, "ArnLike": {"aws:SourceArn": arn("logs", "delivery-source:*", "us-east-1")}}
        statements.append(
            allow(
                "s3:PutObject",
                below(bucket(ACCESS_LOGS, "arn"), "/cdn/*"),
                "ContentDelivery",
                service="delivery.logs.amazonaws.com",
                condition=source,
            )
        )
    rules = [_rule("expire", expiration=Block({"days": site.log_days}), **_old_versions(7))]
    why = "Access logs of balancers, buckets and content delivery. Balancers write with S3's own key only."
    yield from _bucket(site, part, ACCESS_LOGS, "logs", why, None, rules, statements)


def _trail(site: Site) -> Iterator[Resource]:
    part = site.part("logs", "watch")
    ours = {"StringEquals": {"aws:SourceArn": arn("cloudtrail", f"trail/{site.name('trail')}", site.plan.region)}}
    who = "cloudtrail.amazonaws.com"
    records = Join((bucket(TRAIL, "arn"), "/AWSLogs/", ACCOUNT, "/*"))
    statements = [
        allow("s3:GetBucketAcl", bucket(TRAIL, "arn"), "TrailReadsAcl", service=who, condition=ours),
        allow("s3:PutObject", records, "TrailWrites", service=who, condition=ours),
    ]
    rules = [_rule("expire", expiration=Block({"days": max(site.log_days, 365)}), **_old_versions(30))]
    why = "The record of what is done in the account: kept for a year at least."
    yield from _bucket(site, part, TRAIL, "trail", why, LOGS_KEY, rules, statements)
    yield _logged(part, TRAIL, "standfast-trail")


def _logged(part: Part, name: str, shown: str) -> Resource:
    """Who read and wrote a bucket, told to the bucket of access logs."""
    target = {"bucket": bucket(name), "target_bucket": bucket(ACCESS_LOGS), "target_prefix": f"s3/{shown}/"}
    return part.make("aws_s3_bucket_logging", name, target, depends_on=(f"aws_s3_bucket_policy.{ACCESS_LOGS}",))


def _bucket(
    site: Site,
    part: Part,
    name: str,
    shown: str,
    why: str,
    key: Ref | None,
    rules: list[Block],
    statements: list[Statement],
) -> Iterator[Resource]:
    """A bucket and everything that keeps it closed. Its name ends in the account, since all accounts share names."""
    head = bucket_head(site, shown)
    yield part.make("aws_s3_bucket", name, {"bucket": Join((head, ACCOUNT))}, why, tag=head.rstrip("-"))
    own = {"bucket": bucket(name)}
    yield part.make("aws_s3_bucket_versioning", name, {**own, "versioning_configuration": Block({"status": "Enabled"})})
    how = {"sse_algorithm": "aws:kms", "kms_master_key_id": key} if key else {"sse_algorithm": "AES256"}
    default = {"apply_server_side_encryption_by_default": Block(how)}
    encryption = Block({"bucket_key_enabled": True, **default} if key else default)
    yield part.make("aws_s3_bucket_server_side_encryption_configuration", name, {**own, "rule": encryption})
    closed = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    yield part.make("aws_s3_bucket_public_access_block", name, {**own, **dict.fromkeys(closed, True)})
    owner = Block({"object_ownership": "BucketOwnerEnforced"})
    yield part.make("aws_s3_bucket_ownership_controls", name, {**own, "rule": owner})
    needs = (f"aws_s3_bucket_versioning.{name}",)
    yield part.make("aws_s3_bucket_lifecycle_configuration", name, {**own, "rule": rules}, depends_on=needs)
    policy = {**own, "policy": document(*statements, *_tls_only(name))}
    yield part.make("aws_s3_bucket_policy", name, policy, depends_on=(f"aws_s3_bucket_public_access_block.{name}",))


def _tls_only(name: str) -> list[Statement]:
    both = [bucket(name, "arn"), below(bucket(name, "arn"), "/*")]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    old = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    return [
        allow("s3:*", both, "NoPlainHttp", principal={"AWS": "*"}, condition=plain, effect="Deny"),
        allow("s3:*", both, "NoOldTls", principal={"AWS": "*"}, condition=old, effect="Deny"),
    ]


def _rule(name: str, **what: Block) -> Block:
    return Block({"id": name, "status": "Enabled", "filter": Block({}), **what})


def _old_versions(days: int) -> dict[str, Any]:
    uploads = Block({"days_after_initiation": 7})
    return {
        "noncurrent_version_expiration": Block({"noncurrent_days": days}),
        "abort_incomplete_multipart_upload": uploads,
    }
