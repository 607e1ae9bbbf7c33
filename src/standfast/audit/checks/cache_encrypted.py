"""Caches are encrypted at rest.

*Looks at*: `at_rest_encryption_enabled` of replication groups
*Why*: sessions and cached records are personal data like any other
*Fix*: set at_rest_encryption_enabled = true
*Source*: AWS Foundational Security Best Practices, ElastiCache.4
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "cache-encrypted",
    "Caches are encrypted at rest",
    "high",
    ("aws_elasticache_replication_group",),
    "set at_rest_encryption_enabled = true",
)
WANTED = {
    "aws_elasticache_replication_group": ("at_rest_encryption_enabled", True, "it is not encrypted at rest"),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
