"""Clusters of containers are measured.

*Looks at*: insights of clusters
*Why*: a container that starts again every minute is seen by nobody otherwise
*Fix*: set containerInsights; leave monitoring on
*Source*: AWS Foundational Security Best Practices, ECS.12; google provider, google_container_cluster: monitored where
nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, none_of, written

ID = "cluster-watched"
TITLE = "Clusters of containers are measured"
SEVERITY = "low"


TABLE = {
    "aws_ecs_cluster": Setting("setting.value", ("enabled", "enhanced")),
    "google_container_cluster": Setting(
        "monitoring_service",
        none_of("none"),
        unset="monitoring.googleapis.com/kubernetes",
        fix="remove monitoring_service = none",
    ),
    "azurerm_kubernetes_cluster": Setting("oms_agent.log_analytics_workspace_id", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is measured", "it is not measured")
