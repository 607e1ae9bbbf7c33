"""Object stores stand in several zones.

*Looks at*: how often, and where, storage accounts keep what is in them
*Why*: a zone is a data centre, and data centres fail
*Fix*: set account_replication_type = ZRS or GZRS; use a region for a bucket
*Source*: Azure Storage docs, "Azure Storage redundancy"; Cloud Storage docs, "Bucket locations"; the other clouds'
object stores stand in several zones by themselves
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "storage-several-zones"
TITLE = "Object stores stand in several zones"
SEVERITY = "medium"


TABLE = {
    "azurerm_storage_account": Setting("account_replication_type", ("ZRS", "GZRS", "RAGZRS")),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is kept in several zones", "it is kept in one data centre")
