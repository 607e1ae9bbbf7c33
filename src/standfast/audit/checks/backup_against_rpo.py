"""Backups are as frequent as the promised RPO asks.

*Looks at*: backup retention of databases, against `recovery.corruption` of the spec
*Why*: a promise to lose five minutes of writes needs a log that is archived that often
*Fix*: set backup_retention_period to 7 days or more: it also turns on point-in-time restore (logs every 5 minutes)
*Source*: AWS Foundational Security Best Practices, RDS.11; Amazon RDS User Guide, Restoring to a specified time
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "backup-against-rpo",
    "Backups are as frequent as the promised RPO asks",
    "critical",
    ("aws_db_instance",),
    "set backup_retention_period to 7 days or more: it also turns on point-in-time restore (logs every 5 minutes)",
)
LOG_ARCHIVE = 300.0  # s: RDS uploads transaction logs every five minutes (Amazon RDS User Guide, 2026)
LEAST_DAYS = 7


def check(estate: Estate) -> Iterator[Finding]:
    wanted = estate.system.promises.reliability.recovery.get("corruption")
    for database in estate.of(*CHECK.kinds):
        days = estate.value(database, "backup_retention_period", 0)
        if not isinstance(days, (int, float)):
            yield estate.finding(CHECK, database, unknown=True)
        elif days < 1:
            yield estate.finding(CHECK, database, "it has no backups at all")
        elif days < LEAST_DAYS:
            yield estate.finding(CHECK, database, f"backups are kept {days:g} days, at least {LEAST_DAYS} are needed")
        elif wanted and wanted.rpo is not None and wanted.rpo < LOG_ARCHIVE:
            yield estate.finding(
                CHECK, database, f"an RPO of {wanted.rpo:g} s is promised, logs are archived every 300 s"
            )
        else:
            yield estate.finding(CHECK, database)
