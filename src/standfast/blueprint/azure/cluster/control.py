"""The cluster and its nodes. What runs on them is written as plain manifests, the same for every cloud."""

from __future__ import annotations

import math
from collections.abc import Iterator

from standfast.blueprint.azure.edge.gateway import GATEWAY
from standfast.blueprint.azure.network import subnet
from standfast.blueprint.azure.site import GROUP_ID, Part, Site
from standfast.blueprint.model import Block, Ref, Resource
from standfast.blueprint.site import Hosted

CLUSTER = "azurerm_kubernetes_cluster.main"
ALLOCATABLE = 0.85  # of a node that pods can have: what the plan reckons with
BUSY_MOST = 1.5  # nodes at most, over what the plan asks for


def node_size(host: Hosted) -> str:
    """The server a pod's nodes are: `pod of 0.5 vCPU on Standard_D8ps_v6`."""
    return host.choice.offer.rpartition(" on ")[2]


def vcpu_of(size: str) -> int:
    digits = "".join(one if one.isdigit() else " " for one in size.removeprefix("Standard_")).split()
    return int(digits[0]) if digits else 4


def nodes(site: Site) -> dict[str, int]:
    """Nodes by size: what all pods ask for at the peak, and a spare one in each zone."""
    asked: dict[str, float] = {}
    for host in site.hosted:
        size = node_size(host)
        asked[size] = asked.get(size, 0.0) + host.choice.count * float(host.choice.size.get("vcpu", 0.5))
    zones = max(len(site.zone_names), 1)
    needed = {size: math.ceil(vcpu / (vcpu_of(size) * ALLOCATABLE)) for size, vcpu in sorted(asked.items())}
    return {size: max(number, zones) + zones for size, number in needed.items()}


def resources(site: Site) -> Iterator[Resource]:
    if not site.clustered:
        return
    part = site.part("cluster", "cluster")
    why = "Who the cluster is to Azure."
    yield part.placed("azurerm_user_assigned_identity", "cluster", site.name("cluster"), {}, why)
    principal = {
        "principal_id": Ref("azurerm_user_assigned_identity.cluster", "principal_id"),
        "principal_type": "ServicePrincipal",
    }
    for name, scope, role in (
        ("cluster_network", Ref("azurerm_virtual_network.main", "id"), "Network Contributor"),
        ("cluster_disks", Ref("azurerm_disk_encryption_set.main", "id"), "Reader"),
    ):
        yield part.make("azurerm_role_assignment", name, {"scope": scope, "role_definition_name": role, **principal})
    operator = {
        "scope": GROUP_ID,
        "role_definition_name": "Azure Kubernetes Service RBAC Cluster Admin",
        "principal_id": Ref("data.azurerm_client_config.current", "object_id"),
    }
    why = "Whoever applies this may also apply the manifests."
    yield part.make("azurerm_role_assignment", "cluster_operator", operator, why)
    yield _cluster(site, part)
    for number, (size, count) in enumerate(nodes(site).items()):
        yield _pool(site, part, number, size, count)


def _cluster(site: Site, part: Part) -> Resource:
    zones = {"zones": site.zone_names} if site.zone_names else {}
    system = {
        "name": "system",
        "vm_size": next(iter(nodes(site))),
        "node_count": max(len(site.zone_names), 2),
        **zones,
        "vnet_subnet_id": subnet("nodes"),
        "pod_subnet_id": subnet("pods"),
        "only_critical_addons_enabled": True,
        "host_encryption_enabled": True,
        "os_sku": "AzureLinux",
        "max_pods": 110,
        "temporary_name_for_rotation": "systemtmp",
        "upgrade_settings": Block({"max_surge": "33%"}),
    }
    week = {"frequency": "Weekly", "interval": 1, "duration": 4, "day_of_week": "Sunday", "start_time": "03:00"}
    settings = {
        "dns_prefix": site.name(limit=50),
        "sku_tier": "Standard",
        "private_cluster_enabled": True,
        "private_dns_zone_id": "System",
        "local_account_disabled": True,
        "role_based_access_control_enabled": True,
        "oidc_issuer_enabled": True,
        "workload_identity_enabled": True,
        "azure_policy_enabled": True,
        "run_command_enabled": False,
        "image_cleaner_enabled": True,
        "image_cleaner_interval_hours": 48,
        "automatic_upgrade_channel": "patch",
        "node_os_upgrade_channel": "NodeImage",
        "disk_encryption_set_id": Ref("azurerm_disk_encryption_set.main", "id"),
        "default_node_pool": Block(system),
        "node_provisioning_profile": Block({"mode": "Manual"}),
        "identity": Block(
            {"type": "UserAssigned", "identity_ids": [Ref("azurerm_user_assigned_identity.cluster", "id")]}
        ),
        "azure_active_directory_role_based_access_control": Block({"azure_rbac_enabled": True}),
        "network_profile": Block(
            {
                "network_plugin": "azure",
                "network_data_plane": "cilium",
                "network_policy": "cilium",
                "outbound_type": "userAssignedNATGateway",
                "load_balancer_sku": "standard",
                "service_cidr": "172.20.0.0/16",
                "dns_service_ip": "172.20.0.10",
            }
        ),
        "ingress_application_gateway": Block({"gateway_id": GATEWAY}) if site.public else None,
        "oms_agent": Block(
            {
                "log_analytics_workspace_id": Ref("azurerm_log_analytics_workspace.main", "id"),
                "msi_auth_for_monitoring_enabled": True,
            }
        ),
        "maintenance_window_auto_upgrade": Block(week),
        "maintenance_window_node_os": Block(week),
    }
    why = "The cluster: its API is reached inside the network, by accounts of the tenant."
    out = (f"azurerm_subnet_nat_gateway_association.{name}" for name in ("nodes", "pods"))
    needs = ("azurerm_role_assignment.cluster_network", *out)
    name = site.name(limit=63)
    return part.placed("azurerm_kubernetes_cluster", "main", name, settings, why, depends_on=needs,
                       lifecycle={"ignore_changes": ["kubernetes_version"]})  # fmt: skip


def _pool(site: Site, part: Part, number: int, size: str, count: int) -> Resource:
    zones = {"zones": site.zone_names} if site.zone_names else {}
    settings = {
        "name": f"apps{number + 1}",
        "kubernetes_cluster_id": Ref(CLUSTER, "id"),
        "vm_size": size,
        **zones,
        "vnet_subnet_id": subnet("nodes"),
        "pod_subnet_id": subnet("pods"),
        "auto_scaling_enabled": True,
        "min_count": count,
        "max_count": math.ceil(count * BUSY_MOST),
        "host_encryption_enabled": True,
        "os_sku": "AzureLinux",
        "max_pods": 110,
        "temporary_name_for_rotation": f"apps{number + 1}tmp",
        "upgrade_settings": Block({"max_surge": "33%"}),
    }
    why = f"Nodes for the pods of services: {count} and up to {math.ceil(count * BUSY_MOST)}, over all zones."
    return part.make("azurerm_kubernetes_cluster_node_pool", f"apps{number + 1}", settings, why, tag=True,
                     lifecycle={"ignore_changes": ["node_count"]})  # fmt: skip
