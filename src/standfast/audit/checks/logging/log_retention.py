"""Logs are kept long enough to look back.

*Looks at*: retention of each log group: 90 days at least, or for ever
*Why*: break-ins are found weeks after they happened (ours: 90 days; your framework may ask for more)
*Fix*: set retention_in_days to 90 or more
*Source*: AWS Foundational Security Best Practices, CloudWatch.16, which asks for a year; NIST SP 800-53 rev 5, AU-11,
which leaves the time to you
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import number

ID = "log-retention"
TITLE = "Logs are kept long enough to look back"
SEVERITY = "low"
KINDS = ("aws_cloudwatch_log_group",)

LEAST = 90  # days
FIX = f"set retention_in_days to {LEAST} or more"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        days = number(one, "retention_in_days")
        enough = None if days is None else days == 0 or days >= LEAST
        shown = "for ever" if not days else f"{days:g} days"
        yield judged(one, enough, f"it is kept {shown}", f"it is kept {shown} only", FIX)
