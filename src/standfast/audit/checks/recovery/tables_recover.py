"""Tables can be set back to any moment.

*Looks at*: the continuous backup of tables and document stores
*Why*: a bad release writes wrong rows for hours before somebody sees it
*Fix*: turn point-in-time recovery on
*Source*: AWS Foundational Security Best Practices, DynamoDB.2; Azure Cosmos DB docs, "Continuous backup" (periodic
where nothing is said); Firestore docs, "Point-in-time recovery" (off where nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "tables-recover"
TITLE = "Tables can be set back to any moment"
SEVERITY = "high"


TABLE = {
    "aws_dynamodb_table": Setting("point_in_time_recovery.enabled", True),
    "azurerm_cosmosdb_account": Setting("backup.type", "Continuous"),
    "google_firestore_database": Setting("point_in_time_recovery_enablement", "POINT_IN_TIME_RECOVERY_ENABLED"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it can be set back", "it cannot be set back to a moment")
