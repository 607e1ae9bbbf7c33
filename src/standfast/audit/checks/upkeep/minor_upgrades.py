"""Databases and caches take security fixes by themselves.

*Looks at*: `auto_minor_version_upgrade`
*Why*: known holes are tried within days of being known
*Fix*: set auto_minor_version_upgrade = true, and a maintenance window
*Source*: AWS Foundational Security Best Practices, RDS.13 and ElastiCache.2
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import flag

ID = "minor-upgrades"
TITLE = "Databases and caches take security fixes by themselves"
SEVERITY = "medium"
KINDS = ("aws_db_instance", "aws_rds_cluster_instance", "aws_elasticache_replication_group")

FIX = "set auto_minor_version_upgrade = true"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        takes = flag(one, "auto_minor_version_upgrade", True)
        yield judged(one, takes, "it takes minor upgrades", "it takes no minor upgrades", FIX)
