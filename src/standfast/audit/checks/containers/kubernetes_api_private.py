"""The API of Kubernetes is not open to everybody.

*Looks at*: who may reach the control plane of a cluster
*Why*: a leaked token opens the cluster from anywhere
*Fix*: make the endpoint private, or name the networks that may reach it
*Source*: AWS Foundational Security Best Practices, EKS.1; CIS Google Kubernetes Engine Benchmark 1.6, 5.6.3; AKS
docs, "Secure access to the API server"; AWS provider, aws_eks_cluster: public to all where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import OneOf, Setting, judge, none_of

ID = "kubernetes-api-private"
TITLE = "The API of Kubernetes is not open to everybody"
SEVERITY = "high"


def _some(value: object) -> bool:
    return value is not None and value not in ("0.0.0.0/0", "::/0")


TABLE = {
    "aws_eks_cluster": OneOf(
        (
            Setting("vpc_config.endpoint_public_access", False),
            Setting("vpc_config.public_access_cidrs", none_of("0.0.0.0/0", "::/0"), unset="0.0.0.0/0"),
        )
    ),
    "azurerm_kubernetes_cluster": OneOf(
        (Setting("private_cluster_enabled", True), Setting("api_server_access_profile.authorized_ip_ranges", _some))
    ),
    "google_container_cluster": OneOf(
        (
            Setting("private_cluster_config.enable_private_endpoint", True),
            Setting("master_authorized_networks_config.cidr_blocks.cidr_block", _some),
            Setting("master_authorized_networks_config.gcp_public_cidrs_access_enabled", False, when=None),
        )
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "only named networks reach it", "anybody may reach it")
