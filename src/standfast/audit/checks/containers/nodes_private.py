"""Nodes of a cluster have no public address.

*Looks at*: public addresses of nodes
*Why*: a node runs the secrets of every pod on it
*Fix*: set enable_private_nodes = true; node_public_ip_enabled = false
*Source*: CIS Google Kubernetes Engine Benchmark 1.6, 5.6.5; azurerm provider: no public address where nothing is
said; google provider: public addresses where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "nodes-private"
TITLE = "Nodes of a cluster have no public address"
SEVERITY = "high"


TABLE = {
    "google_container_cluster": Setting("private_cluster_config.enable_private_nodes", True),
    "azurerm_kubernetes_cluster": Setting("default_node_pool.node_public_ip_enabled", False, unset=False),
    "azurerm_kubernetes_cluster_node_pool": Setting("node_public_ip_enabled", False, unset=False),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its nodes are private", "its nodes have public addresses")
