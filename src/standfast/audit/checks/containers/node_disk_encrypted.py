"""Disks of nodes are encrypted with a key of your own.

*Looks at*: the key of the disks of nodes, and encryption on the host
*Why*: images, logs and what pods write lie there
*Fix*: name a key or a disk encryption set; turn encryption at the host on
*Source*: CIS Google Kubernetes Engine Benchmark 1.6, 5.9.1; AKS docs, "Bring your own keys" and "Host-based
encryption" (off where nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "node-disk-encrypted"
TITLE = "Disks of nodes are encrypted with a key of your own"
SEVERITY = "medium"


TABLE = {
    "google_container_node_pool": Setting("node_config.boot_disk_kms_key", written),
    "azurerm_kubernetes_cluster": (
        Setting("disk_encryption_set_id", written),
        Setting("default_node_pool.host_encryption_enabled", True),
    ),
    "azurerm_kubernetes_cluster_node_pool": Setting("host_encryption_enabled", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "they are encrypted with your key", "they are not encrypted with a key of yours")
