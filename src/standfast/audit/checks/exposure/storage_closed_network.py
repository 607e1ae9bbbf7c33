"""Storage accounts and vaults answer to named networks only.

*Looks at*: the default action of the network rules, or public network access that is off; an account behind content
delivery is open for it
*Why*: a stolen key or token is then of use from anywhere
*Fix*: set default_action = Deny in the network rules, or public_network_access_enabled = false
*Source*: Microsoft cloud security benchmark v1, NS-2; azurerm provider, azurerm_storage_account and
azurerm_key_vault: both are open where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Beside, OneOf, Setting, judge

ID = "storage-closed-network"
TITLE = "Storage accounts and vaults answer to named networks only"
SEVERITY = "high"


TABLE = {
    "azurerm_storage_account": OneOf(
        (
            Setting("network_rules.default_action", "Deny"),
            Setting("public_network_access_enabled", False),
            Beside("azurerm_storage_account_network_rules", "storage_account_id", Setting("default_action", "Deny")),
            Beside("azurerm_cdn_frontdoor_origin", "host_name"),
        )
    ),
    "azurerm_key_vault": OneOf(
        (Setting("network_acls.default_action", "Deny"), Setting("public_network_access_enabled", False))
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it answers to named networks only", "it answers to every network")
