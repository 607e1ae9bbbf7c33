"""Azure tells somebody when it sees an attack.

*Looks at*: the contact for security of a subscription
*Why*: an alert that nobody reads is none
*Fix*: set alert_notifications = true and an address
*Source*: CIS Microsoft Azure Foundations Benchmark 3.0, 3.1.13 and 3.1.14
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "alerts-for-security"
TITLE = "Azure tells somebody when it sees an attack"
SEVERITY = "low"


TABLE = {
    "azurerm_security_center_contact": (
        Setting("alert_notifications", True),
        Setting("email", written),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "somebody is told", "nobody is told")
