"""Apps and APIs speak TLS 1.2 or newer.

*Looks at*: the oldest version of TLS that web apps, functions and names of APIs take
*Why*: old versions of TLS can be opened
*Fix*: set the oldest version to 1.2
*Source*: NIST SP 800-52 rev 2; azurerm provider, azurerm_linux_web_app: 1.2 where nothing is said; AWS Security Hub
control APIGateway, "Choose a security policy" (TLS_1_0 where nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "app-tls-version"
TITLE = "Apps and APIs speak TLS 1.2 or newer"
SEVERITY = "high"


def _new(value: object) -> bool:
    return str(value) == "TLS_1_2" or str(value).startswith("SecurityPolicy_TLS13_")


TABLE = {
    "azurerm_linux_web_app": Setting("site_config.minimum_tls_version", ("1.2", "1.3"), unset="1.2"),
    "azurerm_windows_web_app": Setting("site_config.minimum_tls_version", ("1.2", "1.3"), unset="1.2"),
    "azurerm_linux_function_app": Setting("site_config.minimum_tls_version", ("1.2", "1.3"), unset="1.2"),
    "azurerm_windows_function_app": Setting("site_config.minimum_tls_version", ("1.2", "1.3"), unset="1.2"),
    "aws_api_gateway_domain_name": Setting("security_policy", _new, fix="set security_policy = TLS_1_2"),
    "aws_apigatewayv2_domain_name": Setting("domain_name_configuration.security_policy", "TLS_1_2"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it speaks TLS 1.2 or newer only", "it speaks old TLS")
