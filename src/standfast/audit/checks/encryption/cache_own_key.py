"""Caches are encrypted with a key of your own.

*Looks at*: the key of managed caches
*Why*: sessions and answers in a cache are data too
*Fix*: name a key of your KMS or vault when the cache is made
*Source*: NIST SP 800-53 rev 5, SC-12 and SC-28(1); Memorystore docs, "Customer-managed encryption keys"; Azure
Managed Redis docs, "Disk encryption"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "cache-own-key"
TITLE = "Caches are encrypted with a key of your own"
SEVERITY = "low"


TABLE = {
    "aws_elasticache_replication_group": Setting("kms_key_id", written),
    "azurerm_managed_redis": Setting("customer_managed_key.key_vault_key_id", written),
    "google_redis_instance": Setting("customer_managed_key", written),
    "google_redis_cluster": Setting("kms_key", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "its key is the provider's")
