"""Content delivery: a CloudFront distribution before each bucket that has one. Only it may read that bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.edge.domain import CDN_REGION, bucket_host, bucket_names, certificate
from standfast.blueprint.aws.policy import ACCOUNT
from standfast.blueprint.aws.site import Kept, Part, Site
from standfast.blueprint.aws.stores.objects import ACCESS_LOGS, bucket_head
from standfast.blueprint.model import Block, Join, Ref, Resource

# Policies that AWS keeps, by their fixed ids (CloudFront developer guide, "Use managed cache policies" and
# "Use managed response headers policies").
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"


def resources(site: Site) -> Iterator[Resource]:
    for kept in site.buckets:
        if site.delivers(kept):
            part = site.part(kept.name, "edge", kept.store.where("cdn"))
            yield from _distribution(site, part, kept)
            yield from bucket_names(site, kept)
            yield from _access_log(site, part, kept)


def _distribution(site: Site, part: Part, kept: Kept) -> Iterator[Resource]:
    control = {
        "name": site.name(kept.name),
        "description": f"CloudFront signs what it asks of {kept.name}",
        "origin_access_control_origin_type": "s3",
        "signing_behavior": "always",
        "signing_protocol": "sigv4",
    }
    yield part.make("aws_cloudfront_origin_access_control", kept.id, control)
    origin = {
        "origin_id": kept.name,
        "domain_name": Ref(f"aws_s3_bucket.{kept.id}", "bucket_regional_domain_name"),
        "origin_access_control_id": Ref(f"aws_cloudfront_origin_access_control.{kept.id}", "id"),
    }
    copies = (
        [Block({**origin, "origin_id": f"{kept.name}-copy", "domain_name": far})] if (far := _copy(site, kept)) else []
    )
    behavior = {
        "target_origin_id": f"{kept.name}-or-copy" if site.other else kept.name,
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "viewer_protocol_policy": "redirect-to-https",
        "compress": True,
        "cache_policy_id": CACHING_OPTIMIZED,
        "response_headers_policy_id": SECURITY_HEADERS,
    }
    shown = {
        "acm_certificate_arn": certificate(kept.id),
        "minimum_protocol_version": "TLSv1.2_2021",
        "ssl_support_method": "sni-only",
    }
    settings = {
        "enabled": True,
        "comment": f"{site.system.name} {kept.name}",
        "aliases": [Join(bucket_host(kept))],
        "http_version": "http2and3",
        "is_ipv6_enabled": True,
        "price_class": "PriceClass_All",
        "origin": [Block(origin), *copies],
        "origin_group": Block(_either(kept)) if copies else None,
        "default_cache_behavior": Block(behavior),
        "restrictions": Block({"geo_restriction": Block({"restriction_type": "none"})}),
        "viewer_certificate": Block(shown),
    }
    why = f"{kept.name} is read from a place near the user; the bucket itself answers to nobody else."
    yield part.make("aws_cloudfront_distribution", kept.id, settings, why, tag=site.name(kept.name))


def _copy(site: Site, kept: Kept) -> Join | None:
    """The domain of the bucket at the standby: asked when the first one does not answer."""
    if site.other is None:
        return None
    return Join((bucket_head(site.other, kept.name), ACCOUNT, f".s3.{site.other.plan.region}.amazonaws.com"))


def _either(kept: Kept) -> dict[str, Any]:
    members = [Block({"origin_id": name}) for name in (kept.name, f"{kept.name}-copy")]
    failed = Block({"status_codes": [500, 502, 503, 504]})
    return {"origin_id": f"{kept.name}-or-copy", "failover_criteria": failed, "member": members}


def _access_log(site: Site, part: Part, kept: Kept) -> Iterator[Resource]:
    """Access logs through CloudWatch's delivery, which needs no access list on the bucket."""
    name = site.name(kept.name, limit=60)
    far = {"provider": CDN_REGION}
    source = {
        "name": name,
        "log_type": "ACCESS_LOGS",
        "resource_arn": Ref(f"aws_cloudfront_distribution.{kept.id}", "arn"),
    }
    yield part.make("aws_cloudwatch_log_delivery_source", kept.id, source, tag=name, **far)
    where = Join((Ref(f"aws_s3_bucket.{ACCESS_LOGS}", "arn"), f"/cdn/{kept.name}"))
    destination = {
        "name": name,
        "output_format": "json",
        "delivery_destination_configuration": Block({"destination_resource_arn": where}),
    }
    yield part.make("aws_cloudwatch_log_delivery_destination", kept.id, destination, tag=name, **far)
    joined = {
        "delivery_source_name": Ref(f"aws_cloudwatch_log_delivery_source.{kept.id}", "name"),
        "delivery_destination_arn": Ref(f"aws_cloudwatch_log_delivery_destination.{kept.id}", "arn"),
    }
    needs = (f"aws_s3_bucket_policy.{ACCESS_LOGS}",)
    yield part.make("aws_cloudwatch_log_delivery", kept.id, joined, tag=name, depends_on=needs, **far)
