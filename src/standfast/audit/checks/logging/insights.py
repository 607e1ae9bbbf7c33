"""Databases show which query is slow.

*Looks at*: insights into queries of managed databases
*Why*: the query that is slow today is the outage of next month
*Fix*: turn performance insights, or query insights, on
*Source*: Amazon RDS User Guide, "Monitoring DB load with Performance Insights"; Cloud SQL docs, "Use query insights"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "insights"
TITLE = "Databases show which query is slow"
SEVERITY = "low"


TABLE = {
    "google_sql_database_instance": Setting("settings.insights_config.query_insights_enabled", True),
    "aws_rds_cluster_instance": Setting("performance_insights_enabled", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it shows which query is slow", "nobody sees which query is slow")
