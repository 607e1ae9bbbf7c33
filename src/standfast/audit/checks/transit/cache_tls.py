"""Caches speak TLS only.

*Looks at*: `transit_encryption_enabled`, and that plain connections are not taken beside it; ports without TLS and
old versions of it (Azure), `transit_encryption_mode` (Google Cloud)
*Why*: sessions cross the network here
*Fix*: set transit_encryption_enabled = true and transit_encryption_mode = required
*Source*: AWS Foundational Security Best Practices, ElastiCache.5; azurerm provider, azurerm_redis_cache (no plain
port where nothing is said) and azurerm_managed_redis (encrypted where nothing is said); google provider,
google_redis_instance (plain where nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import all_hold, flag, is_one_of, known, raw
from standfast.audit.table import Setting, judge

ID = "cache-tls"
TITLE = "Caches speak TLS only"
SEVERITY = "high"
AWS = ("aws_elasticache_replication_group",)

FIX = "set transit_encryption_enabled = true and transit_encryption_mode = required"


TABLE = {
    "azurerm_redis_cache": (Setting("non_ssl_port_enabled", False, unset=False), Setting("minimum_tls_version", "1.2")),
    "azurerm_managed_redis": Setting("default_database.client_protocol", "Encrypted", unset="Encrypted"),
    "google_redis_instance": Setting("transit_encryption_mode", "SERVER_AUTHENTICATION"),
    "google_redis_cluster": Setting("transit_encryption_mode", "TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION"),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "it speaks TLS only", "it speaks without TLS, or old TLS")
    for one in estate.of(*AWS):
        if raw(one, "global_replication_group_id") and raw(one, "transit_encryption_enabled") is None:
            continue  # a copy is as its source is, which is judged where it stands
        on = flag(one, "transit_encryption_enabled", known(one, "engine") == "valkey")
        only = is_one_of(known(one, "transit_encryption_mode", "required"), "required")
        yield judged(one, all_hold((on, only)), "it speaks TLS only", "it speaks without TLS", FIX)
