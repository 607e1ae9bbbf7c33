"""Data warehouses are encrypted with a key of your own.

*Looks at*: the key of warehouses and their datasets
*Why*: a warehouse has everything in one place
*Fix*: name a key of your KMS or vault
*Source*: AWS Foundational Security Best Practices, Redshift.10; CIS Google Cloud Platform Foundation Benchmark 3.0,
7.3; Azure Synapse docs, "Encryption at rest"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "warehouse-encrypted"
TITLE = "Data warehouses are encrypted with a key of your own"
SEVERITY = "high"


TABLE = {
    "aws_redshift_cluster": (
        Setting("kms_key_id", written),
        Setting("encrypted", True),
    ),
    "google_bigquery_dataset": Setting("default_encryption_configuration.kms_key_name", written),
    "azurerm_synapse_workspace": Setting("customer_managed_key.key_name", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "it is not encrypted with a key of your own")
