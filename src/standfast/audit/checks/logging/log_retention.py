"""Logs are kept long enough to look back.

*Looks at*: retention of each log group: 90 days at least, or for ever; workspaces (Azure) and buckets of logs (Google
Cloud)
*Why*: break-ins are found weeks after they happened (ours: 90 days; your framework may ask for more)
*Fix*: set retention_in_days to 90 or more
*Source*: AWS Foundational Security Best Practices, CloudWatch.16, which asks for a year; NIST SP 800-53 rev 5, AU-11,
which leaves the time to you; azurerm provider, azurerm_log_analytics_workspace, and google provider,
google_logging_project_bucket_config: 30 days where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import number
from standfast.audit.table import Setting, at_least, judge

ID = "log-retention"
TITLE = "Logs are kept long enough to look back"
SEVERITY = "low"
AWS = ("aws_cloudwatch_log_group",)

LEAST = 90  # days
FIX = f"set retention_in_days to {LEAST} or more"


TABLE = {
    "azurerm_log_analytics_workspace": Setting("retention_in_days", at_least(90), unset=30),
    "google_logging_project_bucket_config": Setting("retention_days", at_least(90), unset=30),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "logs are kept 90 days or more", "logs are kept less than 90 days")
    for one in estate.of(*AWS):
        days = number(one, "retention_in_days")
        enough = None if days is None else days == 0 or days >= LEAST
        shown = "for ever" if not days else f"{days:g} days"
        yield judged(one, enough, f"it is kept {shown}", f"it is kept {shown} only", FIX)
