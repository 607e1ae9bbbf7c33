"""Keys and vaults are not lost in a moment.

*Looks at*: how long a deleted key, vault or secret can be brought back
*Why*: with the key all data it opens is gone, backups too
*Fix*: turn purge protection on; wait at least a week before a key is destroyed
*Source*: Microsoft cloud security benchmark v1, DP-8; AWS KMS Developer Guide, "Deleting keys" (30 days where nothing
is said); google provider, google_kms_crypto_key (30 days where nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, at_least, judge

ID = "keys-not-lost"
TITLE = "Keys and vaults are not lost in a moment"
SEVERITY = "high"


TABLE = {
    "azurerm_key_vault": (
        Setting("purge_protection_enabled", True),
        Setting("soft_delete_retention_days", at_least(7), unset=90),
    ),
    "aws_kms_key": Setting("deletion_window_in_days", at_least(7), unset=30),
    "google_kms_crypto_key": Setting(
        "destroy_scheduled_duration",
        at_least(604800),
        unset="2592000s",
        fix="set destroy_scheduled_duration = 2592000s",
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it can be brought back for a week or more", "it is gone when it is deleted")
