"""Backups are encrypted with a key of your own.

*Looks at*: the key of vaults for backups
*Why*: a backup is the whole of the data, in one file
*Fix*: name a key of your KMS or vault
*Source*: AWS Foundational Security Best Practices, Backup.1; Azure Backup docs, "Encryption of backup data using
customer-managed keys"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "backup-own-key"
TITLE = "Backups are encrypted with a key of your own"
SEVERITY = "medium"


TABLE = {
    "aws_backup_vault": Setting("kms_key_arn", written),
    "azurerm_recovery_services_vault": Setting("encryption.key_id", written),
    "google_gke_backup_backup_plan": Setting("backup_config.encryption_key.gcp_kms_encryption_key", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "its key is the provider's")
