"""Brokers, warehouses and caches take fixes by themselves.

*Looks at*: whether they follow minor versions
*Why*: holes are used within days of being known
*Fix*: set auto_minor_version_upgrade = true; allow_version_upgrade = true
*Source*: AWS Foundational Security Best Practices, MQ.3, Redshift.6 and ElastiCache.2; AWS provider, aws_mq_broker:
never where nothing is said, the others do
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "upgrades-elsewhere"
TITLE = "Brokers, warehouses and caches take fixes by themselves"
SEVERITY = "medium"


TABLE = {
    "aws_mq_broker": Setting("auto_minor_version_upgrade", True),
    "aws_redshift_cluster": Setting("allow_version_upgrade", True, unset=True),
    "aws_rds_cluster_instance": Setting("auto_minor_version_upgrade", True, unset=True),
    "aws_memorydb_cluster": Setting("auto_minor_version_upgrade", True, unset=True),
    "aws_neptune_cluster_instance": Setting("auto_minor_version_upgrade", True, unset=True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it takes fixes by itself", "it stays as it is")
