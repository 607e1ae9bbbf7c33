"""What runs has an account of its own.

*Looks at*: the account that servers, containers and nodes run as
*Why*: the default account may often do everything, and is shared by all
*Fix*: make an account for each service, and name it
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 4.1; Microsoft cloud security benchmark v1, IM-3; AWS
Foundational Security Best Practices, ECS
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "own-account"
TITLE = "What runs has an account of its own"
SEVERITY = "high"


def _own(value: object) -> bool | None:
    """A literal one; a reference is decided when it is applied, and names a resource all the same."""
    return (
        value is not None and value != "default" and not str(value).endswith("-compute@developer.gserviceaccount.com")
    )


TABLE = {
    "google_compute_instance": Setting(
        "service_account.email", _own, fix="name a service account of its own", reference=True
    ),
    "google_compute_instance_template": Setting(
        "service_account.email", _own, fix="name a service account of its own", reference=True
    ),
    "google_compute_region_instance_template": Setting(
        "service_account.email", _own, fix="name a service account of its own", reference=True
    ),
    "google_cloud_run_v2_service": Setting(
        "template.service_account", _own, fix="name a service account of its own", reference=True
    ),
    "google_container_node_pool": Setting(
        "node_config.service_account", _own, fix="name a service account of its own", reference=True
    ),
    "azurerm_container_app": Setting(
        "identity.type", ("UserAssigned", "SystemAssigned", "SystemAssigned, UserAssigned")
    ),
    "azurerm_linux_web_app": Setting(
        "identity.type", ("UserAssigned", "SystemAssigned", "SystemAssigned, UserAssigned")
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it runs as an account of its own", "it runs as the default account, or as none")
