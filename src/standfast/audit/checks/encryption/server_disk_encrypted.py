"""Disks of servers are encrypted.

*Looks at*: every disk that a launch template, an instance or a volume asks for; else the region's default for new
disks; encryption at the host of virtual machines (Azure), which covers temporary disks and caches; disks of Google
Cloud are always encrypted, `disk-own-key` asks with whose key
*Why*: a snapshot or a disk that leaves the data centre is readable otherwise
*Fix*: set encrypted = true on each disk, or turn on aws_ebs_encryption_by_default
*Source*: AWS Foundational Security Best Practices, EC2.3 and EC2.7; Azure docs, "Encryption at host" (off where
nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import all_hold, any_holds, blocks, flag
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "server-disk-encrypted"
TITLE = "Disks of servers are encrypted"
SEVERITY = "high"
AWS = ("aws_launch_template", "aws_instance", "aws_ebs_volume")

FIX = "set encrypted = true on each of its disks"


TABLE = {
    "azurerm_linux_virtual_machine": Setting("encryption_at_host_enabled", True),
    "azurerm_windows_virtual_machine": Setting("encryption_at_host_enabled", True),
    "azurerm_linux_virtual_machine_scale_set": Setting("encryption_at_host_enabled", True),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(
        estate,
        TABLE,
        "its disks are encrypted on the host too",
        "what its disks keep for a moment is not encrypted on the host",
    )
    always = any_holds(flag(one, "enabled", True) for one in estate.of("aws_ebs_encryption_by_default"))
    for one in estate.of(*AWS):
        encrypted = any_holds((always, _encrypted(one)))
        yield judged(one, encrypted, "its disks are encrypted", "it has disks that are not encrypted", FIX)


def _encrypted(one: Resource) -> bool | None:
    if one.kind == "aws_ebs_volume":
        return flag(one, "encrypted")
    if one.kind == "aws_instance":
        disks = [*blocks(one, "root_block_device"), *blocks(one, "ebs_block_device")]
        return all_hold(flag(disk, "encrypted") for disk in disks) if disks else False
    disks = [disk for mapping in blocks(one, "block_device_mappings") for disk in blocks(mapping, "ebs")]
    return all_hold(flag(disk, "encrypted") for disk in disks) if disks else False
