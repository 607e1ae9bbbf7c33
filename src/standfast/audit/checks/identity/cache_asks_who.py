"""Caches ask who is calling.

*Looks at*: a token or a user group of each cache; whether the caches of Azure and Google Cloud ask for a password or
an account
*Why*: whoever gets one server inside could otherwise read every session
*Fix*: set auth_token from a secret, or user_group_ids
*Source*: AWS Foundational Security Best Practices, ElastiCache.6; azurerm provider, azurerm_redis_cache: it asks
where nothing is said; google provider, google_redis_instance: it does not
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import any_holds, blocks, raw
from standfast.audit.table import Setting, judge

ID = "cache-asks-who"
TITLE = "Caches ask who is calling"
SEVERITY = "medium"
AWS = ("aws_elasticache_replication_group",)

FIX = "set auth_token from a secret, or user_group_ids"


TABLE = {
    "azurerm_redis_cache": Setting("redis_configuration.authentication_enabled", True, unset=True),
    "google_redis_instance": Setting("auth_enabled", True),
    "google_redis_cluster": Setting("authorization_mode", "AUTH_MODE_IAM_AUTH"),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "it asks who is calling", "it answers anybody who reaches it")
    for one in estate.of(*AWS):
        token = raw(one, "auth_token") not in (None, "")  # a variable or a secret is a token
        asks = any_holds((token, bool(blocks(one, "user_group_ids"))))
        yield judged(one, asks, "it asks for a token", "it answers to anybody who reaches it", FIX)
