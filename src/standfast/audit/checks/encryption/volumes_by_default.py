"""New volumes are encrypted whoever makes them.

*Looks at*: the switch of an account that encrypts every new volume, and copies of snapshots
*Why*: what somebody makes by hand is encrypted too
*Fix*: set enabled = true for aws_ebs_encryption_by_default; encrypted = true for a copied snapshot
*Source*: AWS Foundational Security Best Practices, EC2.7
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "volumes-by-default"
TITLE = "New volumes are encrypted whoever makes them"
SEVERITY = "low"


TABLE = {
    "aws_ebs_encryption_by_default": Setting("enabled", True, unset=True),
    "aws_ebs_snapshot_copy": Setting("encrypted", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is encrypted", "it is not encrypted")
