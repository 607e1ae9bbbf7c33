"""A Kubernetes cluster for the services, and its nodes. What runs on it is written as manifests, the same for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.gcp.compute.group import EVERYTHING, disk_type
from standfast.blueprint.gcp.data.stores import address, reading
from standfast.blueprint.gcp.edge import shield
from standfast.blueprint.gcp.edge.domain import bucket_host
from standfast.blueprint.gcp.firewall import NODES
from standfast.blueprint.gcp.keys import DATA_KEY, declared_secrets, opens, secret_id
from standfast.blueprint.gcp.network import CONTROL, PRIVATE, RELAYS, network, subnet
from standfast.blueprint.gcp.site import PROJECT, Site, email
from standfast.blueprint.model import Block, Join, Ref, Resource, Var
from standfast.blueprint.site import identifier, reason

COMPONENTS = ["SYSTEM_COMPONENTS", "WORKLOADS"]
NODE = "n2-standard-4"  # where a plan does not say which server the nodes are


def resources(site: Site) -> Iterator[Resource]:
    if not site.clustered:
        return
    part, choice = site.part("cluster", "compute"), site.plan.choice("cluster")
    key = {"state": "ENCRYPTED", "key_name": DATA_KEY}
    settings: dict[str, Any] = {
        "name": site.name(limit=40),
        "location": site.region,
        "node_locations": [Var("zones", zone) for zone in range(len(site.zone_names))],
        "network": network(site),
        "subnetwork": subnet("app"),
        "networking_mode": "VPC_NATIVE",
        "datapath_provider": "ADVANCED_DATAPATH",
        "network_policy": Block({"enabled": False}),  # of the older kind: the datapath holds policies itself
        "remove_default_node_pool": True,
        "initial_node_count": 1,
        "deletion_protection": True,
        "enable_shielded_nodes": True,
        "enable_intranode_visibility": True,
        "release_channel": Block({"channel": "REGULAR"}),
        "ip_allocation_policy": Block(
            {"cluster_secondary_range_name": "pods", "services_secondary_range_name": "services"}
        ),
        "private_cluster_config": Block(
            {"enable_private_nodes": True, "enable_private_endpoint": False, "master_ipv4_cidr_block": CONTROL}
        ),
        "control_plane_endpoints_config": Block({"dns_endpoint_config": Block({"allow_external_traffic": True})}),
        # nobody reaches its address; people and pipelines use its name, where Google asks who they are
        "master_authorized_networks_config": Block({"gcp_public_cidrs_access_enabled": False}),
        "workload_identity_config": Block({"workload_pool": Join((PROJECT, ".svc.id.goog"))}),
        "database_encryption": Block(key),
        "master_auth": Block({"client_certificate_config": Block({"issue_client_certificate": False})}),
        "binary_authorization": Block({"evaluation_mode": "PROJECT_SINGLETON_POLICY_ENFORCE"}),
        "security_posture_config": Block({"mode": "BASIC", "vulnerability_mode": "VULNERABILITY_BASIC"}),
        "logging_config": Block({"enable_components": COMPONENTS}),
        "monitoring_config": Block(
            {"enable_components": ["SYSTEM_COMPONENTS"], "managed_prometheus": Block({"enabled": True})}
        ),
        "addons_config": Block(
            {
                "http_load_balancing": Block({"disabled": False}),
                "dns_cache_config": Block({"enabled": True}),
                "gce_persistent_disk_csi_driver_config": Block({"enabled": True}),
            }
        ),
        "maintenance_policy": Block({"daily_maintenance_window": Block({"start_time": "03:00"})}),
        "node_config": Block({"service_account": email(NODES), **_shielded(), **_safe()}),
    }
    said = reason(choice) if choice else ""
    why = f"The cluster of the services. {said} Its nodes have no address outside.".replace("  ", " ")
    # the first pool goes at once; what it was made with would else show in each plan
    lifecycle = {"ignore_changes": ["node_config"]}
    needs = (opens("cluster"), "google_compute_router_nat.out")
    yield part.make("google_container_cluster", "main", settings, why, lifecycle=lifecycle, depends_on=needs)
    yield _pool(site)


def platform(site: Site) -> dict[str, Any]:
    """What the workloads ask of Google Cloud (blueprint/workloads.py and code/kubernetes/clouds.py have the names)."""
    found: dict[str, Any] = {
        "project": PROJECT,
        "data_ranges": (f"{PRIVATE[0]}/{PRIVATE[1]}",),
        "balancer_ranges": RELAYS,
    }
    if site.public:
        found["balancer_address"] = Ref("google_compute_global_address.front", "name")
        found["balancer_certificate"] = Ref("google_compute_managed_ssl_certificate.main", "name")
        found["balancer_tls_policy"] = Ref("google_compute_ssl_policy.main", "name")
    if guard := shield.policy(site):
        found["web_firewall"] = Ref(guard.address, "name")
    for host in site.hosted:
        found[f"{host.id}_identity"] = email(host)
        if host.service.public:
            found[f"{host.id}_host"] = site.host(host.name)
    for kept in site.kept:
        if kept.kind == "objects":
            found[f"{kept.id}_bucket"] = Ref(f"google_storage_bucket.{kept.id}", "name")
            if kept.store.cdn:
                found[f"{kept.id}_url"] = Join(("https://", *bucket_host(kept)))
            continue
        found[f"{kept.id}_host"] = address(site, kept)
        secret = f"{kept.id}_{'password' if kept.kind == 'redis' else 'login'}"
        found[f"{kept.id}_secret"] = Ref(f"google_secret_manager_secret.{secret}", "secret_id")
        if read := reading(site, kept):
            found[f"{kept.id}_read_host"] = read
    for name in declared_secrets(site):
        found[f"secret_{identifier(name)}"] = secret_id(site, name)
    return found


def _pool(site: Site) -> Resource:
    part, choice = site.part("cluster", "compute"), site.plan.choice("cluster")
    size = choice.size if choice else {}
    zones = len(site.zone_names)
    machine = str(size.get("node", NODE))
    least = max(1, int(size.get("min_count", zones)) // zones)
    most = max(least, -(-int(size.get("max_count", 3 * zones)) // zones))
    node = {
        "machine_type": machine,
        "disk_type": disk_type(machine),
        "disk_size_gb": 50,
        "image_type": "COS_CONTAINERD",
        "boot_disk_kms_key": DATA_KEY,
        "service_account": email(NODES),
        "oauth_scopes": [EVERYTHING],
        "metadata": {"disable-legacy-endpoints": "true"},
        **_shielded(),
        **_safe(),
    }
    settings = {
        "name": "main",
        "cluster": Ref("google_container_cluster.main", "id"),
        "location": site.region,
        "initial_node_count": least,
        "autoscaling": Block({"min_node_count": least, "max_node_count": most, "location_policy": "BALANCED"}),
        "management": Block({"auto_repair": True, "auto_upgrade": True}),
        "upgrade_settings": Block({"strategy": "SURGE", "max_surge": 1, "max_unavailable": 0}),
        "node_config": Block(node),
    }
    why = f"{least} to {most} nodes in each zone. A sick one is replaced, an old one brought up to date."
    lifecycle = {"ignore_changes": ["initial_node_count"]}
    needs = (opens("servers"), f"google_project_iam_member.{NODES}_node")
    return part.make("google_container_node_pool", "main", settings, why, lifecycle=lifecycle, depends_on=needs)


def _shielded() -> dict[str, Any]:
    return {
        "shielded_instance_config": Block({"enable_secure_boot": True, "enable_integrity_monitoring": True}),
    }


def _safe() -> dict[str, Any]:
    """Pods get the account of their service from the metadata server, never that of the node."""
    return {"workload_metadata_config": Block({"mode": "GKE_METADATA"})}
