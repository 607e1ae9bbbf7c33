"""Somebody watches for attacks.

*Looks at*: the services that look for attacks, where code turns them on or off
*Why*: a break-in is found months later otherwise, and by others
*Fix*: leave the detector on; take the Standard tier
*Source*: AWS Foundational Security Best Practices, GuardDuty.1; Microsoft cloud security benchmark v1, LT-1; AWS
provider, aws_guardduty_detector: on where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "threats-watched"
TITLE = "Somebody watches for attacks"
SEVERITY = "medium"


TABLE = {
    "aws_guardduty_detector": Setting("enable", True, unset=True),
    "aws_inspector2_enabler": Setting("resource_types", written),
    "azurerm_security_center_subscription_pricing": Setting("tier", "Standard"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it watches", "it is off")
