"""What the web firewall saw is recorded.

*Looks at*: logs of web firewalls
*Why*: an attack that was refused today comes back tomorrow in other words
*Fix*: add aws_wafv2_web_acl_logging_configuration
*Source*: AWS Foundational Security Best Practices, WAF.11
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Beside, judge

ID = "waf-logs"
TITLE = "What the web firewall saw is recorded"
SEVERITY = "medium"


TABLE = {
    "aws_wafv2_web_acl": Beside("aws_wafv2_web_acl_logging_configuration", "resource_arn"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "what it saw is recorded", "what it saw is not recorded")
