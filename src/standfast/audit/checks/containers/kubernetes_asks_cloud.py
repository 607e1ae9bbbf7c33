"""Kubernetes asks the cloud who somebody is.

*Looks at*: local accounts, client certificates and old ways into a cluster
*Why*: a certificate of a cluster cannot be taken back, and belongs to nobody
*Fix*: set local_account_disabled = true; issue no client certificate; authentication_mode = API
*Source*: CIS Google Kubernetes Engine Benchmark 1.6, 5.8.1; AKS docs, "Manage local accounts" (on where nothing is
said); Amazon EKS User Guide, "Access entries" (the config map where nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "kubernetes-asks-cloud"
TITLE = "Kubernetes asks the cloud who somebody is"
SEVERITY = "high"


TABLE = {
    "azurerm_kubernetes_cluster": Setting("local_account_disabled", True),
    "google_container_cluster": Setting(
        "master_auth.client_certificate_config.issue_client_certificate", False, unset=False
    ),
    "aws_eks_cluster": Setting("access_config.authentication_mode", "API"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "the cloud says who somebody is", "it has accounts of its own")
