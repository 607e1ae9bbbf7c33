"""Object stores speak TLS 1.2 or newer, and nothing plain.

*Looks at*: HTTPS only, and the oldest version of TLS, of storage accounts
*Why*: old versions of TLS can be opened, and plain HTTP needs no opening
*Fix*: set min_tls_version = TLS1_2 and https_traffic_only_enabled = true
*Source*: Microsoft cloud security benchmark v1, DP-3; azurerm provider, azurerm_storage_account: TLS1_2 and HTTPS
only where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "storage-tls-version"
TITLE = "Object stores speak TLS 1.2 or newer, and nothing plain"
SEVERITY = "high"


TABLE = {
    "azurerm_storage_account": (
        Setting("min_tls_version", ("TLS1_2", "TLS1_3"), unset="TLS1_2"),
        Setting("https_traffic_only_enabled", True, unset=True),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it speaks TLS 1.2 or newer only", "it speaks old TLS, or none")
