"""Backups are as frequent, and kept as long, as the promise asks.

*Looks at*: the log archive and retention of databases, the backup plan of disks, the snapshots of caches that hold
data, against `recovery.corruption.rpo` of the spec; retention of 7 days at least; retention of flexible servers and
the backup plans of disks (Azure), backups, log archive and retention of Cloud SQL and the snapshot plans of disks
(Google Cloud)
*Why*: a promise to lose five minutes at most needs a copy that is never older than that
*Fix*: set backup_retention_period to 7 or more: it also archives the log every five minutes; for disks a backup plan
that runs as often as the RPO asks
*Source*: AWS Foundational Security Best Practices, RDS.11; Amazon RDS User Guide, "Restoring a DB instance to a
specified time"; AWS Backup Developer Guide, "Backup plan options"; Azure Database for PostgreSQL docs, "Backup and
restore" (seven days, log every five minutes); Cloud SQL docs, "Point-in-time recovery" (log every five minutes; no
backups where nothing is said)
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged, unknown
from standfast.audit.reading import UNKNOWN, any_holds, blocks, flag, known, number
from standfast.audit.table import leaves
from standfast.blueprint import Resource
from standfast.spec.quantity import show

ID = "backup-against-rpo"
TITLE = "Backups are as frequent, and kept as long, as the promise asks"
SEVERITY = "critical"
AWS = ("aws_db_instance", "aws_rds_cluster", "aws_ebs_volume", "aws_elasticache_replication_group")
OTHERS = (
    "azurerm_postgresql_flexible_server",
    "azurerm_mysql_flexible_server",
    "azurerm_managed_disk",
    "google_sql_database_instance",
    "google_compute_disk",
)
KINDS = (*AWS, *OTHERS)

LOG_ARCHIVE = 300.0  # s: RDS archives the log every five minutes (Amazon RDS User Guide, 2026-11)
DAY = 86_400.0
LEAST_DAYS = 7
FOR_EVER = math.inf
CRON = re.compile(r"cron\((\S+) (\S+) [*?] \* [*?] \*\)")  # minutes and hours of every day

REPEATS = re.compile(r"/P(T?)(\d+)([HDW])$")
POLICY = "azurerm_data_protection_backup_policy"


def check(estate: Estate) -> Iterator[Finding]:
    wanted = estate.system.promises.reliability.recovery if estate.system else {}
    rpo = wanted["corruption"].rpo if "corruption" in wanted else None
    lost = [one.rpo for name, one in wanted.items() if name in ("zone", "corruption") and one.rpo is not None]
    for one in estate.of("aws_db_instance", "aws_rds_cluster"):
        if known(one, "replicate_source_db") is None:
            days = number(one, "backup_retention_period", 1 if one.kind == "aws_rds_cluster" else 0)
            yield _judged(one, days, LOG_ARCHIVE, rpo, "set backup_retention_period to 7 or more")
    for one in estate.of("azurerm_postgresql_flexible_server", "azurerm_mysql_flexible_server"):
        if known(one, "create_mode") != "Replica":
            yield _flexible(one, rpo)
    for one in estate.of("google_sql_database_instance"):
        if known(one, "master_instance_name") is None:
            yield _sql(one, rpo)
    for one in estate.of("azurerm_managed_disk"):
        yield _azure_disk(estate, one, min(lost, default=None))
    for one in estate.of("google_compute_disk"):
        yield _google_disk(estate, one, min(lost, default=None))
    for one in estate.of("aws_ebs_volume"):
        yield from _disk(estate, one, min(lost, default=None))
    for one in estate.of("aws_elasticache_replication_group"):
        store = estate.store(one.component)
        if store is not None and store.essential:  # else it is a cache: what is lost is read again
            yield _judged(
                one, number(one, "snapshot_retention_limit"), DAY, rpo, "keep what must not be lost in a database"
            )


def _flexible(one: Resource, rpo: float | None) -> Finding:
    days = number(one, "backup_retention_days", 7)
    return _judged(one, days, LOG_ARCHIVE, rpo, "set backup_retention_days to 7 or more")


def _sql(one: Resource, rpo: float | None) -> Finding:
    """Retention is a count of daily backups. The log is archived where point-in-time recovery is on: MySQL calls it the
    binary log."""
    path, fix = "settings.backup_configuration", "set backup_configuration.enabled and point_in_time_recovery_enabled"
    on = flag(one, f"{path}.enabled")
    log = any_holds(flag(one, f"{path}.{name}") for name in ("point_in_time_recovery_enabled", "binary_log_enabled"))
    if on is None or log is None:
        return unknown(one, "whether it is backed up is decided when it is applied")
    days = number(one, f"{path}.backup_retention_settings.retained_backups", 7) if on else 0.0
    return _judged(one, days, LOG_ARCHIVE if log else DAY, rpo, fix)


def _azure_disk(estate: Estate, disk: Resource, rpo: float | None) -> Finding:
    fix = "add it to a backup policy that runs as often as the RPO asks"
    kind = "azurerm_data_protection_backup_instance_disk"
    found = estate.linked(kind, "disk_id", disk)
    policies = [each for one in found for each in estate.targets(one, "backup_policy_id", f"{POLICY}_disk")]
    if not found:
        return judged(disk, estate.absent(kind, "disk_id"), "", "it is in no backup policy", fix)
    every = [_repeats(value) for one in policies for value in leaves(one, "backup_repeating_time_intervals")]
    kept_for = [_days(known(one, "default_retention_duration")) for one in policies]
    if not every or None in every or None in kept_for:
        return unknown(disk, "how often it is copied cannot be told from the policy")
    return _judged(disk, max(filter(None, kept_for)), min(filter(None, every)), rpo, fix)


def _google_disk(estate: Estate, disk: Resource, rpo: float | None) -> Finding:
    fix = "attach a resource policy that runs as often as the RPO asks"
    kind = "google_compute_disk_resource_policy_attachment"
    found = estate.linked(kind, "disk", disk)
    policies = [each for one in found for each in estate.targets(one, "name", "google_compute_resource_policy")]
    if not found:
        return judged(disk, estate.absent(kind, "disk"), "", "it is in no snapshot plan", fix)
    plan = "snapshot_schedule_policy"
    hours = [number(one, f"{plan}.schedule.hourly_schedule.hours_in_cycle") for one in policies]
    daily = [number(one, f"{plan}.schedule.daily_schedule.days_in_cycle") for one in policies]
    days = [number(one, f"{plan}.retention_policy.max_retention_days") for one in policies]
    every = [(hour or 0) * 3600 or (day or 0) * DAY for hour, day in zip(hours, daily, strict=True) if hour or day]
    if not every or None in (*hours, *daily, *days):
        return unknown(disk, "how often it is copied cannot be told from the plan")
    return _judged(disk, max(day for day in days if day is not None), min(every), rpo, fix)


def _repeats(value: object) -> float | None:
    """Seconds of `R/2026-01-04T04:30:00+00:00/PT4H`."""
    found = REPEATS.search(str(value))
    return float(found[2]) * {"TH": 3600.0, "D": DAY, "W": 7 * DAY}[(found[1] or "") + found[3]] if found else None


def _days(value: object) -> float | None:
    found = re.fullmatch(r"P(\d+)([DWMY])", str(value))
    return float(found[1]) * {"D": 1, "W": 7, "M": 28, "Y": 365}[found[2]] if found else None


def _judged(one: Resource, days: float | None, interval: float, rpo: float | None, fix: str) -> Finding:
    if days is None:
        return unknown(one, "how long its backups are kept is decided when it is applied")
    if days < 1:
        return broken(one, "it has no backups", fix)
    if rpo is not None and interval > rpo:
        said = f"it may lose {show(interval, 's')}, and {show(rpo, 's')} are promised (recovery.corruption.rpo)"
        return broken(one, said, fix if interval > LOG_ARCHIVE else "promise an RPO of 5 min or more for corruption")
    good = f"it loses {show(interval, 's')} at most, and its backups are kept {_shown(days)}"
    bad = f"its backups are kept {_shown(days)}, {LEAST_DAYS} days are the least"
    return judged(one, days >= LEAST_DAYS, good, bad, fix)


def _shown(days: float) -> str:
    return "for ever" if days == FOR_EVER else show(days * DAY, "s")


def _disk(estate: Estate, disk: Resource, rpo: float | None) -> Iterator[Finding]:
    plans = [
        plan
        for selection in estate.linked("aws_backup_selection", "resources", disk)
        for plan in estate.targets(selection, "plan_id", "aws_backup_plan")
    ]
    rules = [rule for plan in plans for rule in blocks(plan, "rule")]
    fix = "add it to a backup plan that runs as often as the RPO asks"
    if not rules:
        holds = estate.absent("aws_backup_selection", "resources")
        yield judged(disk, holds, "", "it is in no backup plan", fix)
        return
    intervals = [interval for rule in rules if (interval := _interval(known(rule, "schedule"))) is not None]
    if len(intervals) < len(rules):
        yield unknown(
            disk, "how often it is copied cannot be told from the schedule", "use a schedule like cron(0 0/4 * * ? *)"
        )
        return
    days = [number(rule, "lifecycle.delete_after", FOR_EVER) for rule in rules]
    longest = None if None in days else max(day for day in days if day is not None)
    yield _judged(disk, longest, min(intervals), rpo, fix)


def _interval(schedule: object) -> float | None:
    """Seconds between two runs of a schedule that runs every day, hour or few hours; None for any other."""
    if schedule is UNKNOWN or not (match := CRON.fullmatch(str(schedule))):
        return None
    minutes, hours = match.groups()
    if hours.isdecimal():
        return DAY
    every = re.fullmatch(r"(?:\d+|\*)/(\d+)", hours)
    if every:
        return float(every[1]) * 3600
    several = re.fullmatch(r"(?:\d+|\*)/(\d+)", minutes)
    return (float(several[1]) * 60 if several else 3600.0) if hours == "*" else None
