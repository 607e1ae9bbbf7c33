"""Vaults ask for roles, one secret at a time.

*Looks at*: how a vault decides who may use it
*Why*: an access policy opens every secret of the vault; a role opens one
*Fix*: set rbac_authorization_enabled = true, and give roles on single secrets
*Source*: Azure Key Vault docs, "Azure role-based access control vs. access policies"; azurerm provider: access
policies where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import OneOf, Setting, judge

ID = "vault-roles"
TITLE = "Vaults ask for roles, one secret at a time"
SEVERITY = "medium"


TABLE = {
    "azurerm_key_vault": OneOf(
        (Setting("rbac_authorization_enabled", True), Setting("enable_rbac_authorization", True))
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it asks for roles", "it has access policies, for all its secrets at once")
