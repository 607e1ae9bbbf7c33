"""Web firewalls refuse, and do not only watch.

*Looks at*: the mode of web application firewall policies
*Why*: a firewall that only watches lets the attack through and writes it down
*Fix*: set mode = Prevention and enabled = true
*Source*: Azure Web Application Firewall docs, "WAF modes"; azurerm provider, azurerm_web_application_firewall_policy:
Prevention where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "waf-refuses"
TITLE = "Web firewalls refuse, and do not only watch"
SEVERITY = "medium"


TABLE = {
    "azurerm_web_application_firewall_policy": (
        Setting("policy_settings.mode", "Prevention", unset="Prevention"),
        Setting("policy_settings.enabled", True, unset=True),
    ),
    "azurerm_cdn_frontdoor_firewall_policy": Setting("mode", "Prevention"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it refuses what it finds", "it only watches, or is off")
