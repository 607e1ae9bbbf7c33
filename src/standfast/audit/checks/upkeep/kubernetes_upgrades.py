"""Clusters take fixes by themselves.

*Looks at*: whether the control plane and the nodes follow new versions
*Why*: Kubernetes supports a version for about a year
*Fix*: name a channel; leave auto_upgrade on
*Source*: CIS Google Kubernetes Engine Benchmark 1.6, 5.5.3 and 5.5.4; AKS docs, "Automatically upgrade a cluster"
(never where nothing is said); google provider, google_container_node_pool: upgraded where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "kubernetes-upgrades"
TITLE = "Clusters take fixes by themselves"
SEVERITY = "high"


TABLE = {
    "azurerm_kubernetes_cluster": (
        Setting("automatic_upgrade_channel", ("patch", "stable", "rapid", "node-image")),
        Setting("node_os_upgrade_channel", ("NodeImage", "SecurityPatch"), unset="NodeImage"),
    ),
    "google_container_cluster": Setting(
        "release_channel.channel", ("REGULAR", "STABLE", "RAPID", "EXTENDED"), unset="REGULAR"
    ),
    "google_container_node_pool": Setting("management.auto_upgrade", True, unset=True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it follows new versions", "it stays as it is")
