"""Image registries ask who is pulling.

*Looks at*: public network access and anonymous pulls of registries, and public repositories
*Why*: images hold code, and often more than was meant to be shown
*Fix*: close anonymous pulls and public network access; use a private repository
*Source*: Microsoft cloud security benchmark v1, NS-2 and IM-1; AWS Foundational Security Best Practices, ECR; azurerm
provider, azurerm_container_registry: public access is on where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "registry-private"
TITLE = "Image registries ask who is pulling"
SEVERITY = "high"


TABLE = {
    "azurerm_container_registry": (
        Setting("public_network_access_enabled", False),
        Setting("anonymous_pull_enabled", False, unset=False),
        Setting("admin_enabled", False, unset=False),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "nobody pulls without a name", "anybody may reach it")
