"""The audit trail cannot be changed unseen.

*Looks at*: `enable_log_file_validation` of CloudTrail trails
*Why*: whoever breaks in removes traces first
*Fix*: set enable_log_file_validation = true
*Source*: AWS Foundational Security Best Practices, CloudTrail.4
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "trail-validated",
    "The audit trail cannot be changed unseen",
    "high",
    ("aws_cloudtrail",),
    "set enable_log_file_validation = true",
)
WANTED = {
    "aws_cloudtrail": ("enable_log_file_validation", True, "its files can be altered unseen"),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
