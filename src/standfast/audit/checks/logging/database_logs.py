"""Databases send their logs out.

*Looks at*: logs that databases export to CloudWatch
*Why*: the log on the database itself goes with it, and its owner can change it
*Fix*: set enabled_cloudwatch_logs_exports
*Source*: AWS Foundational Security Best Practices, RDS.9
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import UNKNOWN, items

ID = "database-logs"
TITLE = "Databases send their logs out"
SEVERITY = "low"
KINDS = ("aws_db_instance", "aws_rds_cluster")

FIX = "set enabled_cloudwatch_logs_exports"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        logs = items(one, "enabled_cloudwatch_logs_exports")
        sent = None if UNKNOWN in logs else bool(logs)
        yield judged(one, sent, f"it sends out {', '.join(map(str, logs))}", "its logs stay with it", FIX)
