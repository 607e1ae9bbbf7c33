"""Databases send their logs out.

*Looks at*: logs that databases export to CloudWatch; diagnostic settings of flexible servers (Azure); whether
PostgreSQL on Cloud SQL writes down who connects
*Why*: the log on the database itself goes with it, and its owner can change it
*Fix*: set enabled_cloudwatch_logs_exports
*Source*: AWS Foundational Security Best Practices, RDS.9; Microsoft cloud security benchmark v1, LT-3; CIS Google
Cloud Platform Foundation Benchmark 3.0, 6.2.2 and 6.2.3
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import UNKNOWN, items, known
from standfast.audit.table import Beside, Setting, judge, leaves, undecided
from standfast.blueprint import Resource

ID = "database-logs"
TITLE = "Databases send their logs out"
SEVERITY = "low"
AWS = ("aws_db_instance", "aws_rds_cluster")

FIX = "set enabled_cloudwatch_logs_exports"


def _postgres(one: Resource) -> bool:
    """A replica takes the flags of its source."""
    return str(known(one, "database_version", "")).startswith("POSTGRES")


FLAGS = {"log_connections", "log_disconnections"}


def _tells(settings: object) -> bool | None:
    names, values = leaves(settings, "database_flags.name"), leaves(settings, "database_flags.value")
    if undecided((*names, *values)):
        return None
    return {name for name, value in zip(names, values, strict=False) if str(value).lower() == "on"} >= FLAGS


TABLE = {
    "azurerm_postgresql_flexible_server": Beside("azurerm_monitor_diagnostic_setting", "target_resource_id"),
    "azurerm_mysql_flexible_server": Beside("azurerm_monitor_diagnostic_setting", "target_resource_id"),
    "google_sql_database_instance": Setting(
        "settings", _tells, when=_postgres, fix="set the flags log_connections and log_disconnections"
    ),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(
        estate,
        TABLE,
        "its logs are kept apart from it",
        "its logs are not kept apart from it, or say nothing of who connects",
    )
    for one in estate.of(*AWS):
        logs = items(one, "enabled_cloudwatch_logs_exports")
        sent = None if UNKNOWN in logs else bool(logs)
        yield judged(one, sent, f"it sends out {', '.join(map(str, logs))}", "its logs stay with it", FIX)
