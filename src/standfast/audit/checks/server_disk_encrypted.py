"""Disks of servers are encrypted.

*Looks at*: block devices of launch templates
*Why*: a stolen disk or snapshot is readable without it
*Fix*: set encrypted = true in ebs
*Source*: AWS Foundational Security Best Practices, EC2.3
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "server-disk-encrypted",
    "Disks of servers are encrypted",
    "high",
    ("aws_launch_template",),
    "set encrypted = true in ebs",
)
WANTED = {
    "aws_launch_template": ("block_device_mappings.ebs.encrypted", True, "a disk is not encrypted"),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
