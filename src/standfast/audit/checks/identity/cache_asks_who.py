"""Caches ask who is calling.

*Looks at*: a token or a user group of each cache
*Why*: whoever gets one server inside could otherwise read every session
*Fix*: set auth_token from a secret, or user_group_ids
*Source*: AWS Foundational Security Best Practices, ElastiCache.6
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import any_holds, blocks, raw

ID = "cache-asks-who"
TITLE = "Caches ask who is calling"
SEVERITY = "medium"
KINDS = ("aws_elasticache_replication_group",)

FIX = "set auth_token from a secret, or user_group_ids"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        token = raw(one, "auth_token") not in (None, "")  # a variable or a secret is a token
        asks = any_holds((token, bool(blocks(one, "user_group_ids"))))
        yield judged(one, asks, "it asks for a token", "it answers to anybody who reaches it", FIX)
