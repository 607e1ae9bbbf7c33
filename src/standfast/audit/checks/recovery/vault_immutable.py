"""Backups cannot be deleted before their time.

*Looks at*: immutability and soft delete of vaults for backups
*Why*: ransomware deletes the backups first
*Fix*: set immutability = Unlocked or Locked, and soft_delete on
*Source*: Azure Backup docs, "Immutable vault" and "Enhanced soft delete"; azurerm provider,
azurerm_data_protection_backup_vault: soft delete is on, immutability is off where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, at_least, judge

ID = "vault-immutable"
TITLE = "Backups cannot be deleted before their time"
SEVERITY = "high"


TABLE = {
    "azurerm_data_protection_backup_vault": (
        Setting("immutability", ("Unlocked", "Locked")),
        Setting("soft_delete", ("On", "AlwaysOn"), unset="On"),
    ),
    "azurerm_recovery_services_vault": (
        Setting("immutability", ("Unlocked", "Locked")),
        Setting("soft_delete_enabled", True, unset=True),
    ),
    "google_backup_dr_backup_vault": Setting("backup_minimum_enforced_retention_duration", at_least(86400)),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "nobody deletes them before their time", "they can be deleted at any time")
