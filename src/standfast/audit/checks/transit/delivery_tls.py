"""Content delivery speaks TLS 1.2 or newer.

*Looks at*: what each behaviour does with plain HTTP, the oldest TLS that viewers may use, and how origins of its own
are asked; routes and domains of Front Door (Azure); proxies before buckets of Google Cloud are read by `balancer-tls`
*Why*: between the viewer and the edge lies the open internet
*Fix*: viewer_protocol_policy = redirect-to-https, a certificate of your own with minimum_protocol_version =
TLSv1.2_2021
*Source*: AWS Foundational Security Best Practices, CloudFront.3, CloudFront.9 and CloudFront.10; azurerm provider,
azurerm_cdn_frontdoor_route and azurerm_cdn_frontdoor_custom_domain: redirected, and TLS 1.2, where nothing is said
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import UNKNOWN, all_hold, blocks, is_one_of, known
from standfast.audit.table import Setting, judge, none_of

ID = "delivery-tls"
TITLE = "Content delivery speaks TLS 1.2 or newer"
SEVERITY = "high"
AWS = ("aws_cloudfront_distribution",)

SAFE = re.compile(r"TLSv1\.[23]_\d+")
DEFAULT = "TLSv1"  # what CloudFront's own certificate speaks
FIX = "set viewer_protocol_policy = redirect-to-https and minimum_protocol_version = TLSv1.2_2021"


TABLE = {
    "azurerm_cdn_frontdoor_route": Setting("https_redirect_enabled", True, unset=True),
    "azurerm_cdn_frontdoor_custom_domain": Setting("tls.minimum_version", none_of("TLS10"), unset="TLS12"),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(
        estate, TABLE, "it speaks TLS 1.2 or newer, and redirects the rest", "it speaks plain HTTP or old TLS"
    )
    for one in estate.of(*AWS):
        behaviours = [*blocks(one, "default_cache_behavior"), *blocks(one, "ordered_cache_behavior")]
        https = all_hold(
            is_one_of(known(each, "viewer_protocol_policy"), "https-only", "redirect-to-https") for each in behaviours
        )
        yield judged(one, https, "viewers are led to HTTPS", "viewers may use plain HTTP", FIX)
        oldest = known(one, "viewer_certificate.minimum_protocol_version", DEFAULT)
        safe = None if oldest is UNKNOWN else bool(SAFE.fullmatch(oldest))
        yield judged(one, safe, f"viewers speak {oldest} or newer", f"viewers may speak {oldest}", FIX)
        if origins := [each for origin in blocks(one, "origin") for each in blocks(origin, "custom_origin_config")]:
            asked = all_hold(is_one_of(known(each, "origin_protocol_policy"), "https-only") for each in origins)
            fix = "set origin_protocol_policy = https-only"
            yield judged(one, asked, "origins are asked over HTTPS", "origins are asked over plain HTTP", fix)
