"""Logs are encrypted, and end one day.

*Looks at*: key and retention of log groups
*Why*: logs hold addresses and names of people, and must not be kept for ever
*Fix*: set kms_key_id and retention_in_days
*Source*: AWS Foundational Security Best Practices, CloudWatch.16; GDPR article 5 (storage limitation)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "logs-encrypted",
    "Logs are encrypted, and end one day",
    "medium",
    ("aws_cloudwatch_log_group",),
    "set kms_key_id and retention_in_days",
)


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*CHECK.kinds):
        wrong = []
        if not estate.values(one, "kms_key_id"):
            wrong.append("it is not encrypted with a key of your own")
        if estate.value(one, "retention_in_days", 0) == 0:
            wrong.append("it is kept for ever")
        yield estate.finding(CHECK, one, " and ".join(wrong))
