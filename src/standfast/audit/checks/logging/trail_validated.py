"""The record of the account shows whether it was changed.

*Looks at*: signed digests of the trail's files
*Why*: who breaks in rewrites the record next
*Fix*: set enable_log_file_validation = true
*Source*: AWS Foundational Security Best Practices, CloudTrail.4
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import flag

ID = "trail-validated"
TITLE = "The record of the account shows whether it was changed"
SEVERITY = "medium"
KINDS = ("aws_cloudtrail",)

FIX = "set enable_log_file_validation = true"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        signed = flag(one, "enable_log_file_validation")
        yield judged(one, signed, "its files are signed", "nothing shows whether its files were changed", FIX)
