"""File shares are backed up.

*Looks at*: the automatic backup of shared file systems
*Why*: files are deleted by mistake more often than by attack
*Fix*: add aws_efs_backup_policy with status ENABLED; for Azure files a backup policy with a daily copy
*Source*: AWS Foundational Security Best Practices, EFS.2
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Beside, Setting, at_least, judge

ID = "files-backed-up"
TITLE = "File shares are backed up"
SEVERITY = "high"


TABLE = {
    "aws_efs_file_system": Beside(
        "aws_efs_backup_policy", "file_system_id", Setting("backup_policy.status", "ENABLED")
    ),
    "aws_fsx_lustre_file_system": Setting("automatic_backup_retention_days", at_least(7)),
    "aws_fsx_windows_file_system": Setting("automatic_backup_retention_days", at_least(7), unset=7),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is backed up", "it is not backed up")
