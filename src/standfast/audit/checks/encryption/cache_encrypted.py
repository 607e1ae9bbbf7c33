"""Caches are encrypted at rest.

*Looks at*: `at_rest_encryption_enabled`; Valkey has it on where nothing is said, Redis off
*Why*: snapshots and swapped memory hold sessions and personal data
*Fix*: set at_rest_encryption_enabled = true; a cache that exists is made anew from its backup
*Source*: AWS Foundational Security Best Practices, ElastiCache.4
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import flag, known, raw

ID = "cache-encrypted"
TITLE = "Caches are encrypted at rest"
SEVERITY = "medium"
KINDS = ("aws_elasticache_replication_group",)

FIX = "set at_rest_encryption_enabled = true; one that exists is made anew from its backup"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        if raw(one, "global_replication_group_id") and raw(one, "at_rest_encryption_enabled") is None:
            continue  # a copy is as its source is, which is judged where it stands
        encrypted = flag(one, "at_rest_encryption_enabled", known(one, "engine") == "valkey")
        yield judged(one, encrypted, "it is encrypted at rest", "it is not encrypted at rest", FIX)
