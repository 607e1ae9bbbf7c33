"""Tables and clusters are not deleted by mistake.

*Looks at*: deletion protection of tables, document stores and clusters
*Why*: one wrong line in a plan deletes them
*Fix*: turn deletion protection on
*Source*: AWS Foundational Security Best Practices, DynamoDB.6, DocumentDB.5 and Neptune.4; google provider,
google_container_cluster, google_cloud_run_v2_service and google_bigtable_table: protected where nothing is said, but
for the last
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "tables-stay"
TITLE = "Tables and clusters are not deleted by mistake"
SEVERITY = "high"


TABLE = {
    "aws_dynamodb_table": Setting("deletion_protection_enabled", True),
    "aws_docdb_cluster": Setting("deletion_protection", True),
    "aws_neptune_cluster": Setting("deletion_protection", True),
    "google_firestore_database": Setting("delete_protection_state", "DELETE_PROTECTION_ENABLED"),
    "google_bigtable_table": Setting("deletion_protection", "PROTECTED"),
    "google_spanner_database": Setting("deletion_protection", True, unset=True),
    "google_container_cluster": Setting("deletion_protection", True, unset=True),
    "google_cloud_run_v2_service": Setting("deletion_protection", True, unset=True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is protected", "one call deletes it")
