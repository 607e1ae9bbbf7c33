"""Containers have no public address.

*Looks at*: public addresses of tasks on a container platform
*Why*: a container that is reached past the balancer is reached past its firewall, too
*Fix*: set assign_public_ip = false, and let a balancer stand before it
*Source*: AWS Foundational Security Best Practices, ECS.2; google provider, google_cloud_run_v2_service: all traffic
is let in where nothing is said; azurerm provider, azurerm_container_app_environment
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "tasks-no-public-address"
TITLE = "Containers have no public address"
SEVERITY = "high"


TABLE = {
    "aws_ecs_service": Setting("network_configuration.assign_public_ip", False, unset=False),
    "google_cloud_run_v2_service": Setting(
        "ingress", ("INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "INGRESS_TRAFFIC_INTERNAL_ONLY")
    ),
    "azurerm_container_app_environment": Setting("internal_load_balancer_enabled", True),
    "azurerm_container_group": Setting("ip_address_type", ("Private", "None")),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is reached through the balancer or the network", "it is reached past the balancer")
