"""Clusters run only what their rules allow.

*Looks at*: whether a cluster asks a policy before it runs an image
*Why*: an image from anywhere runs otherwise
*Fix*: turn binary authorization, or the policy add-on, on
*Source*: CIS Google Kubernetes Engine Benchmark 1.6, 5.10.4; AKS docs, "Azure Policy for Kubernetes" (off where
nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, none_of

ID = "only-known-images"
TITLE = "Clusters run only what their rules allow"
SEVERITY = "medium"


TABLE = {
    "google_container_cluster": Setting(
        "binary_authorization.evaluation_mode",
        none_of("DISABLED", "EVALUATION_MODE_UNSPECIFIED", None),
        fix="set binary_authorization.evaluation_mode = PROJECT_SINGLETON_POLICY_ENFORCE",
    ),
    "azurerm_kubernetes_cluster": Setting("azure_policy_enabled", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "a policy says what may run", "whatever is asked for runs")
