"""Caches speak TLS only.

*Looks at*: `transit_encryption_enabled`, and that plain connections are not taken beside it
*Why*: sessions cross the network here
*Fix*: set transit_encryption_enabled = true and transit_encryption_mode = required
*Source*: AWS Foundational Security Best Practices, ElastiCache.5
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import all_hold, flag, is_one_of, known, raw

ID = "cache-tls"
TITLE = "Caches speak TLS only"
SEVERITY = "high"
KINDS = ("aws_elasticache_replication_group",)

FIX = "set transit_encryption_enabled = true and transit_encryption_mode = required"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        if raw(one, "global_replication_group_id") and raw(one, "transit_encryption_enabled") is None:
            continue  # a copy is as its source is, which is judged where it stands
        on = flag(one, "transit_encryption_enabled", known(one, "engine") == "valkey")
        only = is_one_of(known(one, "transit_encryption_mode", "required"), "required")
        yield judged(one, all_hold((on, only)), "it speaks TLS only", "it speaks without TLS", FIX)
