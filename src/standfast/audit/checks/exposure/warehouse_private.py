"""Data warehouses are not reached from the internet.

*Looks at*: public addresses of warehouses, and datasets that everybody may read
*Why*: a warehouse has everything in one place
*Fix*: turn public access off; name the people and groups that read a dataset
*Source*: AWS Foundational Security Best Practices, Redshift.1; CIS Google Cloud Platform Foundation Benchmark 3.0,
7.1; before version 6 of the AWS provider a cluster is public where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, none_of

ID = "warehouse-private"
TITLE = "Data warehouses are not reached from the internet"
SEVERITY = "critical"


TABLE = {
    "aws_redshift_cluster": Setting("publicly_accessible", False),
    "azurerm_synapse_workspace": Setting("public_network_access_enabled", False),
    "google_bigquery_dataset": Setting("access.special_group", none_of("allAuthenticatedUsers"), unset="none"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is not reached from the internet", "it is open to the internet, or to everybody")
