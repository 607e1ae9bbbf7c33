"""Pods have accounts of their own in the cloud.

*Looks at*: how pods log in to the cloud
*Why*: with the account of the node every pod may do what any of them may
*Fix*: turn workload identity on; add an identity provider for the cluster, or pod identity
*Source*: CIS Google Kubernetes Engine Benchmark 1.6, 5.2.2; AKS docs, "Workload identity"; Amazon EKS best practices,
"Identity and access management"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "workload-identity"
TITLE = "Pods have accounts of their own in the cloud"
SEVERITY = "high"


TABLE = {
    "google_container_cluster": Setting("workload_identity_config.workload_pool", written),
    "google_container_node_pool": Setting("node_config.workload_metadata_config.mode", "GKE_METADATA"),
    "azurerm_kubernetes_cluster": (
        Setting("workload_identity_enabled", True),
        Setting("oidc_issuer_enabled", True),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "pods have accounts of their own", "pods use the account of their node")
