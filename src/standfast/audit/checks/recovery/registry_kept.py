"""Databases keep a last snapshot, and its tags.

*Looks at*: what happens to backups when a database is deleted
*Why*: the day somebody deletes the wrong database is the day the backup is needed
*Fix*: copy tags to snapshots; keep backups when the instance is deleted
*Source*: AWS Foundational Security Best Practices, RDS.16 and RDS.17; Cloud SQL docs, "Retained backups"; google
provider: not kept where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import raw
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "registry-kept"
TITLE = "Databases keep a last snapshot, and its tags"
SEVERITY = "low"


def _first(one: Resource) -> bool:
    return not raw(one, "master_instance_name")


TABLE = {
    "aws_rds_cluster": Setting("copy_tags_to_snapshot", True),
    "google_sql_database_instance": Setting("settings.retain_backups_on_delete", True, when=_first),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its backups outlive it", "its backups go with it, or lose their tags")
