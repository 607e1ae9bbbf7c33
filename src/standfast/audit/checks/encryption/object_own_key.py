"""Object stores are encrypted with a key of your own.

*Looks at*: the key of storage accounts and buckets
*Why*: with a key of your own you can say who may open the data, see who did, and take it away
*Fix*: name a key of your vault or KMS
*Source*: NIST SP 800-53 rev 5, SC-12 and SC-28(1); Azure Storage docs, "Customer-managed keys"; Cloud Storage docs,
"Customer-managed encryption keys"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Beside, OneOf, Setting, judge, written

ID = "object-own-key"
TITLE = "Object stores are encrypted with a key of your own"
SEVERITY = "medium"


TABLE = {
    "azurerm_storage_account": OneOf(
        (
            Setting("customer_managed_key.key_vault_key_id", written),
            Beside("azurerm_storage_account_customer_managed_key", "storage_account_id"),
        )
    ),
    "google_storage_bucket": Setting("encryption.default_kms_key_name", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "its key is the provider's")
