"""Kubernetes asks what somebody may do.

*Looks at*: roles inside a cluster
*Why*: without roles every pod may do everything
*Fix*: leave role_based_access_control_enabled on; set enable_legacy_abac = false
*Source*: CIS Google Kubernetes Engine Benchmark 1.6, 5.8.4; azurerm provider: on where nothing is said; google
provider: the old way is off where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "kubernetes-roles"
TITLE = "Kubernetes asks what somebody may do"
SEVERITY = "critical"


TABLE = {
    "azurerm_kubernetes_cluster": Setting("role_based_access_control_enabled", True, unset=True),
    "google_container_cluster": Setting("enable_legacy_abac", False, unset=False),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it asks for roles", "everybody in it may do everything")
