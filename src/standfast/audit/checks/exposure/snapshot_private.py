"""Disks and snapshots are not for export.

*Looks at*: who may download a disk, and whether snapshots may be made public
*Why*: a link to a disk is a copy of the disk
*Fix*: set network_access_policy = DenyAll or AllowPrivate; block public snapshots
*Source*: AWS Foundational Security Best Practices, EC2.1 and EC2.182; azurerm provider, azurerm_managed_disk and
azurerm_snapshot: AllowAll where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, none_of

ID = "snapshot-private"
TITLE = "Disks and snapshots are not for export"
SEVERITY = "high"


TABLE = {
    "azurerm_managed_disk": (
        Setting("network_access_policy", ("DenyAll", "AllowPrivate")),
        Setting("public_network_access_enabled", False),
    ),
    "azurerm_snapshot": Setting("network_access_policy", ("DenyAll", "AllowPrivate")),
    "aws_ebs_snapshot_block_public_access": Setting("state", ("block-all-sharing", "block-new-sharing")),
    "aws_ami_launch_permission": Setting("group", none_of("all"), unset="none"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "nobody outside may fetch it", "it may be fetched from anywhere")
