"""What Google Cloud calls things: its rules for the names of each kind, and that no two of a kind share one."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint import names
from standfast.blueprint.gcp.site import Site
from standfast.blueprint.model import Resource
from standfast.problem import Problem

RFC1035 = r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
# kind -> the setting that names it, and what Google accepts there (REST references of each service, read 2026-11).
RULES = {
    "google_cloud_run_v2_service": ("name", r"[a-z]([a-z0-9-]{0,47}[a-z0-9])?"),
    "google_cloud_scheduler_job": ("name", r"[a-zA-Z0-9_-]{1,500}"),
    "google_container_cluster": ("name", r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?"),
    "google_container_node_pool": ("name", r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?"),
    "google_compute_region_instance_template": ("name_prefix", r"[a-z][a-z0-9-]{0,36}"),
    "google_dns_managed_zone": ("name", r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"),
    "google_kms_crypto_key": ("name", r"[a-zA-Z0-9_-]{1,63}"),
    "google_kms_key_ring": ("name", r"[a-zA-Z0-9_-]{1,63}"),
    "google_logging_project_bucket_config": ("bucket_id", r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}"),
    "google_logging_project_sink": ("name", r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}"),
    "google_project_iam_custom_role": ("role_id", r"[a-zA-Z0-9_.]{3,64}"),
    "google_redis_instance": ("name", r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?"),
    "google_secret_manager_secret": ("secret_id", r"[a-zA-Z0-9_-]{1,255}"),
    "google_service_account": ("account_id", r"[a-z]([a-z0-9-]{4,28}[a-z0-9])"),
    "google_sql_database_instance": ("name", r"[a-z]([a-z0-9-]{0,82}[a-z0-9])?"),
    "google_storage_bucket": ("name", r"(?!goog)(?!.*(google|g00gle))[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]"),
    "google_storage_transfer_job": ("name", r"transferJobs/(?!OPI)[A-Za-z0-9][A-Za-z0-9_-]{0,111}"),
    **{
        f"google_{kind}": ("name", RFC1035)
        for kind in (
            "certificate_manager_certificate", "certificate_manager_certificate_map",
            "certificate_manager_certificate_map_entry", "certificate_manager_dns_authorization", "compute_address",
            "compute_backend_bucket", "compute_disk", "compute_external_vpn_gateway", "compute_firewall",
            "compute_forwarding_rule", "compute_global_address", "compute_global_forwarding_rule",
            "compute_ha_vpn_gateway", "compute_health_check", "compute_managed_ssl_certificate", "compute_network",
            "compute_region_autoscaler", "compute_region_backend_service", "compute_region_health_check",
            "compute_region_instance_group_manager", "compute_region_network_endpoint_group",
            "compute_region_security_policy", "compute_region_ssl_policy", "compute_region_target_http_proxy",
            "compute_region_target_https_proxy", "compute_region_url_map", "compute_resource_policy",
            "compute_router", "compute_router_interface", "compute_router_nat", "compute_router_peer",
            "compute_security_policy", "compute_ssl_policy", "compute_subnetwork", "compute_target_https_proxy",
            "compute_url_map", "compute_vpn_tunnel",
        )
    },
}  # fmt: skip
PROJECT_ID = "p" * 30  # in place of the project's id, which is 6 to 30 characters long


def problems(site: Site, resources: tuple[Resource, ...]) -> Iterator[Problem]:
    """A problem for each name that Google would refuse, and for each that two resources of a kind would have."""
    return names.problems(site, resources, RULES, "Google", PROJECT_ID, ("google_kms_crypto_key", "name_prefix"))
