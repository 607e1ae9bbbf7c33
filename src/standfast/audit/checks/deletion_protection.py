"""What cannot be made again is protected from deletion.

*Looks at*: deletion protection of databases and balancers
*Why*: one wrong command must not end the system
*Fix*: set deletion protection; lift it by hand when you mean it
*Source*: AWS Foundational Security Best Practices, RDS.8 and ELB.6
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "deletion-protection",
    "What cannot be made again is protected from deletion",
    "high",
    ("aws_db_instance", "aws_lb"),
    "set deletion protection; lift it by hand when you mean it",
)
WANTED = {
    "aws_db_instance": ("deletion_protection", True, "one command can delete it"),
    "aws_lb": ("enable_deletion_protection", True, "one command can delete it"),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
