"""Tables are encrypted with a key of your own.

*Looks at*: the key of tables and document stores
*Why*: with a key of your own you can say who may open the data, see who did, and take it away
*Fix*: turn server-side encryption with a key of your own on
*Source*: Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest"; Azure Cosmos DB docs, "Customer-managed
keys"; Spanner and Bigtable docs, "Customer-managed encryption keys"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "table-encrypted"
TITLE = "Tables are encrypted with a key of your own"
SEVERITY = "medium"


TABLE = {
    "aws_dynamodb_table": Setting("server_side_encryption.enabled", True),
    "aws_dax_cluster": Setting("server_side_encryption.enabled", True),
    "azurerm_cosmosdb_account": Setting("key_vault_key_id", written),
    "google_spanner_database": Setting("encryption_config.kms_key_name", written),
    "google_bigtable_instance": Setting("cluster.kms_key_name", written),
    "google_firestore_database": Setting("cmek_config.kms_key_name", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "its key is the provider's")
