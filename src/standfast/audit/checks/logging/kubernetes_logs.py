"""What is asked of Kubernetes is recorded.

*Looks at*: the logs of the control plane
*Why*: who created, read or deleted what is answered there only
*Fix*: record audit and authenticator (EKS), the audit log (AKS), SYSTEM_COMPONENTS and WORKLOADS (GKE)
*Source*: AWS Foundational Security Best Practices, EKS.8; AKS docs, "Monitor AKS"; CIS Google Kubernetes Engine
Benchmark 1.6, 5.7.1; google provider: recorded where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Beside, Setting, judge, leaves, none_of, undecided, written

ID = "kubernetes-logs"
TITLE = "What is asked of Kubernetes is recorded"
SEVERITY = "medium"


def _some(config: object) -> bool | None:
    """Recorded where nothing is said; a block that names no component records nothing."""
    found = leaves(config, "enable_components") if config is not None else ["SYSTEM_COMPONENTS"]
    return None if undecided(found) else any(found)


TABLE = {
    "azurerm_kubernetes_cluster": Beside("azurerm_monitor_diagnostic_setting", "target_resource_id"),
    "google_container_cluster": (
        Setting("logging_config", _some, fix="set logging_config.enable_components = [SYSTEM_COMPONENTS, WORKLOADS]"),
        Setting(
            "logging_service",
            none_of("none"),
            unset="logging.googleapis.com/kubernetes",
            fix="remove logging_service = none",
        ),
    ),
    "aws_eks_cluster": Setting(
        "enabled_cluster_log_types", written, fix="set enabled_cluster_log_types = [audit, authenticator]"
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its control plane is recorded", "its control plane is not recorded")
