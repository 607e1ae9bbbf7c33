"""Databases have no public address.

*Looks at*: `publicly_accessible` of RDS instances
*Why*: a database with a public address is one firewall rule away from everybody
*Fix*: set publicly_accessible = false
*Source*: AWS Foundational Security Best Practices, RDS.2
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "database-private",
    "Databases have no public address",
    "critical",
    ("aws_db_instance",),
    "set publicly_accessible = false",
)
WANTED = {
    "aws_db_instance": ("publicly_accessible", False, "it has a public address"),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
