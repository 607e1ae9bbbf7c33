"""Caches speak TLS only.

*Looks at*: `transit_encryption_enabled` of replication groups
*Why*: what goes over a network can be read on it
*Fix*: set transit_encryption_enabled = true
*Source*: AWS Foundational Security Best Practices, ElastiCache.5
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "cache-tls",
    "Caches speak TLS only",
    "high",
    ("aws_elasticache_replication_group",),
    "set transit_encryption_enabled = true",
)
WANTED = {
    "aws_elasticache_replication_group": ("transit_encryption_enabled", True, "it speaks plain text"),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
