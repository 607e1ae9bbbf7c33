"""Content delivery speaks TLS 1.2 or newer.

*Looks at*: what each behaviour does with plain HTTP, the oldest TLS that viewers may use, and how origins of its own
are asked
*Why*: between the viewer and the edge lies the open internet
*Fix*: viewer_protocol_policy = redirect-to-https, a certificate of your own with minimum_protocol_version =
TLSv1.2_2021
*Source*: AWS Foundational Security Best Practices, CloudFront.3, CloudFront.9 and CloudFront.10
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import UNKNOWN, all_hold, blocks, is_one_of, known

ID = "delivery-tls"
TITLE = "Content delivery speaks TLS 1.2 or newer"
SEVERITY = "high"
KINDS = ("aws_cloudfront_distribution",)

SAFE = re.compile(r"TLSv1\.[23]_\d+")
DEFAULT = "TLSv1"  # what CloudFront's own certificate speaks
FIX = "set viewer_protocol_policy = redirect-to-https and minimum_protocol_version = TLSv1.2_2021"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
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
