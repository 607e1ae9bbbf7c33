"""Logs are encrypted with a key of your own.

*Looks at*: `kms_key_id` of log groups and of the account's trail
*Why*: logs hold addresses, names and mistakes; with a key of your own, reading them needs a right that can be taken
away
*Fix*: set kms_key_id
*Source*: AWS Foundational Security Best Practices, CloudTrail.2; Amazon CloudWatch Logs User Guide, Encrypt log data
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import known

ID = "logs-encrypted"
TITLE = "Logs are encrypted with a key of your own"
SEVERITY = "medium"
KINDS = ("aws_cloudwatch_log_group", "aws_cloudtrail")

FIX = "set kms_key_id"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        keyed = known(one, "kms_key_id") is not None
        yield judged(one, keyed, "it is encrypted with a key of its own", "it has no key of its own", FIX)
