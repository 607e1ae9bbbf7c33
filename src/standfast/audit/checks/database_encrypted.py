"""Databases are encrypted at rest.

*Looks at*: `storage_encrypted` of RDS instances
*Why*: a stolen disk, snapshot or backup is readable without it
*Fix*: set storage_encrypted = true with a key of your own; an instance that stands is restored from an encrypted
copy of its snapshot
*Source*: AWS Foundational Security Best Practices, RDS.3
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "database-encrypted",
    "Databases are encrypted at rest",
    "critical",
    ("aws_db_instance",),
    "set storage_encrypted = true with a key of your own (an existing one: restore an encrypted copy of its snapshot)",
)
WANTED = {
    "aws_db_instance": ("storage_encrypted", True, "its disk is not encrypted"),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
