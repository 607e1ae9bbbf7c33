"""The audit trail covers every region.

*Looks at*: `is_multi_region_trail` of CloudTrail trails
*Why*: an attacker works in the region nobody looks at
*Fix*: set is_multi_region_trail = true
*Source*: AWS Foundational Security Best Practices, CloudTrail.1
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "trail-everywhere",
    "The audit trail covers every region",
    "high",
    ("aws_cloudtrail",),
    "set is_multi_region_trail = true",
)
WANTED = {
    "aws_cloudtrail": ("is_multi_region_trail", True, "it records one region only"),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
