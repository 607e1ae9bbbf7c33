"""Pods reach only the pods they should.

*Looks at*: whether a cluster keeps network policies
*Why*: without it every pod reaches every other, also the one that was broken into
*Fix*: turn a network policy engine on, and write policies
*Source*: CIS Google Kubernetes Engine Benchmark 1.6, 5.6.7; AKS docs, "Network policies" (none where nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import OneOf, Setting, judge

ID = "network-policy"
TITLE = "Pods reach only the pods they should"
SEVERITY = "high"


TABLE = {
    "azurerm_kubernetes_cluster": Setting("network_profile.network_policy", ("azure", "calico", "cilium")),
    "google_container_cluster": OneOf(
        (Setting("datapath_provider", "ADVANCED_DATAPATH"), Setting("network_policy.enabled", True))
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it keeps network policies", "every pod reaches every other")
