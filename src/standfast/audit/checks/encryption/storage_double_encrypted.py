"""Storage accounts encrypt twice.

*Looks at*: infrastructure encryption of storage accounts
*Why*: data stays closed where one of two keys or algorithms is lost
*Fix*: set infrastructure_encryption_enabled = true; it can be said only when the account is made
*Source*: Azure Storage docs, "Enable infrastructure encryption for double encryption of data"; azurerm provider: off
where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "storage-double-encrypted"
TITLE = "Storage accounts encrypt twice"
SEVERITY = "low"


TABLE = {
    "azurerm_storage_account": Setting("infrastructure_encryption_enabled", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it encrypts twice", "it encrypts once")
