"""Stores ask who is calling, and take no shared key.

*Looks at*: shared keys and local users of storage accounts, document stores, brokers and logs
*Why*: a shared key opens everything, for everybody who ever saw it
*Fix*: turn shared keys off, and give roles to the accounts that need them
*Source*: Microsoft cloud security benchmark v1, IM-1; azurerm provider: shared keys are taken where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import OneOf, Setting, judge

ID = "store-asks-who"
TITLE = "Stores ask who is calling, and take no shared key"
SEVERITY = "medium"


TABLE = {
    "azurerm_storage_account": (
        Setting("shared_access_key_enabled", False),
        Setting("local_user_enabled", False),
    ),
    "azurerm_eventhub_namespace": Setting("local_authentication_enabled", False),
    "azurerm_servicebus_namespace": Setting("local_auth_enabled", False),
    "azurerm_log_analytics_workspace": OneOf(
        (Setting("local_authentication_enabled", False), Setting("local_authentication_disabled", True))
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it asks who is calling", "a shared key opens all of it")
