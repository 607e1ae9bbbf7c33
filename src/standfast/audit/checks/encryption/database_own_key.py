"""Databases are encrypted with a key of your own.

*Looks at*: the key of each managed database
*Why*: with a key of your own you can say who may open the data, see who did, and take it away
*Fix*: name a key of your KMS or vault; for one that exists, restore it from a copy
*Source*: NIST SP 800-53 rev 5, SC-12 and SC-28(1); Azure Database for PostgreSQL docs, "Data encryption"; Cloud SQL
docs, "About customer-managed encryption keys"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import raw
from standfast.audit.table import Setting, judge, written
from standfast.blueprint import Resource

ID = "database-own-key"
TITLE = "Databases are encrypted with a key of your own"
SEVERITY = "medium"


def _first(one: Resource) -> bool:
    """A replica takes the key of its source, or one of its own region."""
    return not (raw(one, "replicate_source_db") or raw(one, "master_instance_name"))


TABLE = {
    "aws_db_instance": Setting("kms_key_id", written, when=_first),
    "aws_rds_cluster": Setting("kms_key_id", written),
    "azurerm_postgresql_flexible_server": Setting("customer_managed_key.key_vault_key_id", written),
    "azurerm_mysql_flexible_server": Setting("customer_managed_key.key_vault_key_id", written),
    "azurerm_mssql_server": Setting("transparent_data_encryption_key_vault_key_id", written),
    "google_sql_database_instance": Setting("encryption_key_name", written, when=_first),
    "google_alloydb_cluster": Setting("encryption_config.kms_key_name", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "its key is the provider's")
