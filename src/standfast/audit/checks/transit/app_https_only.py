"""Apps speak HTTPS only.

*Looks at*: whether web apps, functions and containers with an address answer over plain HTTP
*Why*: passwords and cookies cross the internet here
*Fix*: set https_only = true; allow_insecure_connections = false
*Source*: Microsoft cloud security benchmark v1, DP-3; azurerm provider, azurerm_linux_web_app: plain HTTP is answered
where nothing is said; azurerm_container_app: it is not
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import flag
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "app-https-only"
TITLE = "Apps speak HTTPS only"
SEVERITY = "high"


def _outside(one: Resource) -> bool | None:
    """Inside its environment a container may be asked in plain words: mutual TLS is the environment's."""
    return flag(one, "ingress.external_enabled")


TABLE = {
    "azurerm_linux_web_app": Setting("https_only", True),
    "azurerm_windows_web_app": Setting("https_only", True),
    "azurerm_linux_function_app": Setting("https_only", True),
    "azurerm_windows_function_app": Setting("https_only", True),
    "azurerm_container_app": Setting("ingress.allow_insecure_connections", False, unset=False, when=_outside),
    "google_app_engine_flexible_app_version": Setting("handlers.security_level", "SECURE_ALWAYS"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it answers over HTTPS only", "it answers over plain HTTP")
