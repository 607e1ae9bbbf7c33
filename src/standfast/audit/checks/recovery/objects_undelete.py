"""Deleted objects can be brought back for a week.

*Looks at*: how long deleted objects and containers are kept
*Why*: a script that deletes the wrong folder is the usual case
*Fix*: keep what is deleted for seven days or more
*Source*: Azure Storage docs, "Soft delete for blobs" (off where nothing is said); Cloud Storage docs, "Soft delete"
(seven days where nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import OneOf, Setting, at_least, judge

ID = "objects-undelete"
TITLE = "Deleted objects can be brought back for a week"
SEVERITY = "medium"


TABLE = {
    "azurerm_storage_account": (
        Setting("blob_properties.delete_retention_policy.days", at_least(7)),
        Setting("blob_properties.container_delete_retention_policy.days", at_least(7)),
    ),
    "google_storage_bucket": OneOf(
        (
            Setting("soft_delete_policy.retention_duration_seconds", at_least(604_800), unset=604_800),
            Setting("retention_policy.retention_period", at_least(604_800)),
            Setting("versioning.enabled", True),
        )
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "what is deleted is kept for a week or more", "what is deleted is gone")
