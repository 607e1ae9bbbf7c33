#!/usr/bin/env python3
"""Write tests/providers/values/google.csv again: which values Google's own API takes, for the kinds in the schemas.

The API tells it in its discovery documents, which google-api-python-client carries. A Terraform kind is looked up in
`KINDS`, its attributes by their names there (`min_tls_version` is `minTlsVersion`; blocks often stand in the plural).
Kinds without an entry are of Terraform alone or tell no values. What the API does not list stands in `BY_HAND`.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from regen_providers import ROOT, SCHEMAS, wheel

VALUES = ROOT / "tests/providers/values/google.csv"
PACKAGE = "google-api-python-client"
DOCUMENTS = "googleapiclient/discovery_cache/documents"
# kind (without google_) -> document and schema, and below it the field that holds what the kind says
KINDS = {
    "certificate_manager_certificate": "certificatemanager.v1 Certificate",
    "certificate_manager_dns_authorization": "certificatemanager.v1 DnsAuthorization",
    "cloud_run_v2_service": "run.v2 GoogleCloudRunV2Service",
    "cloud_scheduler_job": "cloudscheduler.v1 Job",
    "compute_address": "compute.v1 Address",
    "compute_backend_bucket": "compute.v1 BackendBucket",
    "compute_disk": "compute.v1 Disk",
    "compute_external_vpn_gateway": "compute.v1 ExternalVpnGateway",
    "compute_firewall": "compute.v1 Firewall",
    "compute_forwarding_rule": "compute.v1 ForwardingRule",
    "compute_global_address": "compute.v1 Address",
    "compute_global_forwarding_rule": "compute.v1 ForwardingRule",
    "compute_ha_vpn_gateway": "compute.v1 VpnGateway",
    "compute_health_check": "compute.v1 HealthCheck",
    "compute_managed_ssl_certificate": "compute.v1 SslCertificate",
    "compute_network": "compute.v1 Network",
    "compute_region_autoscaler": "compute.v1 Autoscaler",
    "compute_region_backend_service": "compute.v1 BackendService",
    "compute_region_health_check": "compute.v1 HealthCheck",
    "compute_region_instance_group_manager": "compute.v1 InstanceGroupManager",
    "compute_region_instance_template": "compute.v1 InstanceTemplate properties",
    "compute_region_network_endpoint_group": "compute.v1 NetworkEndpointGroup",
    "compute_region_security_policy": "compute.v1 SecurityPolicy",
    "compute_region_ssl_policy": "compute.v1 SslPolicy",
    "compute_region_target_http_proxy": "compute.v1 TargetHttpProxy",
    "compute_region_target_https_proxy": "compute.v1 TargetHttpsProxy",
    "compute_region_url_map": "compute.v1 UrlMap",
    "compute_resource_policy": "compute.v1 ResourcePolicy",
    "compute_router": "compute.v1 Router",
    "compute_router_nat": "compute.v1 RouterNat",
    "compute_router_peer": "compute.v1 RouterBgpPeer",
    "compute_security_policy": "compute.v1 SecurityPolicy",
    "compute_ssl_policy": "compute.v1 SslPolicy",
    "compute_subnetwork": "compute.v1 Subnetwork",
    "compute_target_https_proxy": "compute.v1 TargetHttpsProxy",
    "compute_url_map": "compute.v1 UrlMap",
    "compute_vpn_tunnel": "compute.v1 VpnTunnel",
    "container_cluster": "container.v1 Cluster",
    "container_node_pool": "container.v1 NodePool",
    "dns_managed_zone": "dns.v1 ManagedZone",
    "kms_crypto_key": "cloudkms.v1 CryptoKey",
    "logging_project_bucket_config": "logging.v2 LogBucket",
    "monitoring_alert_policy": "monitoring.v3 AlertPolicy",
    "project_iam_audit_config": "cloudresourcemanager.v3 AuditConfig",
    "redis_instance": "redis.v1 Instance",
    "sql_database_instance": "sqladmin.v1 DatabaseInstance",
    "storage_bucket": "storage.v1 Bucket",
    "storage_transfer_job": "storagetransfer.v1 TransferJob",
}
# Names that a rule does not lead to: how Terraform calls it -> how the API does.
SPELLED = {
    "allow": "allowed", "deny": "denied", "audit_log_config": "auditLogConfigs", "lifecycle_rule": "lifecycle.rule",
    "datapath_provider": "networkConfig.datapathProvider", "enable_components": "componentConfig.enableComponents",
    "node_config": "config|nodeConfig",
}  # fmt: skip
# Words of the API's own that nobody may say, and those that Terraform spells in another way.
UNSAID = re.compile(r"UNSPECIFIED|UNDEFINED|^INVALID|^NOT_SET$")
APART = {
    "google_container_cluster.dns_config.cluster_dns", "google_storage_bucket.lifecycle_rule.condition.with_state",
}  # fmt: skip
BY_HAND = [
    ("google_compute_address", "purpose",
     "GCE_ENDPOINT|SHARED_LOADBALANCER_VIP|VPC_PEERING|IPSEC_INTERCONNECT|PRIVATE_SERVICE_CONNECT", "",
     "google provider 8.7, compute_address"),
    ("google_container_cluster", "networking_mode", "VPC_NATIVE|ROUTES", "", "google provider 8.7, container_cluster"),
    ("google_container_node_pool", "node_config.image_type", "COS_CONTAINERD|UBUNTU_CONTAINERD", "",
     "GKE guide, Node images"),
    ("google_project_iam_audit_config", "audit_log_config.log_type", "ADMIN_READ|DATA_READ|DATA_WRITE", "",
     "google provider 8.7, google_project_iam_audit_config"),
    ("google_project_service", "service", "", r"[a-z0-9.-]+\.googleapis\.com", "google provider 8.7, project_service"),
    ("google_redis_instance", "redis_version", "REDIS_3_2|REDIS_4_0|REDIS_5_0|REDIS_6_X|REDIS_7_0|REDIS_7_2", "",
     "Memorystore REST v1, Instance.redisVersion"),
    ("google_secret_manager_secret", "secret_id", "", r"[a-zA-Z0-9_-]{1,255}", "Secret Manager REST v1, secrets"),
    ("google_service_account", "account_id", "", r"[a-z]([-a-z0-9]{4,28}[a-z0-9])", "IAM REST v1, accounts.create"),
    ("google_sql_database_instance", "settings.disk_type", "PD_SSD|PD_HDD|HYPERDISK_BALANCED", "",
     "google provider 8.7, sql_database_instance"),
    ("google_storage_bucket", "name", "", r"(?!goog)[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", "Cloud Storage, Bucket names"),
    ("google_storage_bucket", "lifecycle_rule.action.type",
     "Delete|SetStorageClass|AbortIncompleteMultipartUpload", "", "google provider 8.7, storage_bucket"),
    ("google_storage_bucket", "public_access_prevention", "inherited|enforced", "", "Cloud Storage JSON API, Buckets"),
    ("google_storage_bucket", "storage_class", "STANDARD|MULTI_REGIONAL|REGIONAL|NEARLINE|COLDLINE|ARCHIVE", "",
     "google provider 8.7, storage_bucket"),
]  # fmt: skip


def document() -> str:
    """The whole table as text."""
    kinds = json.loads((SCHEMAS / "google.json").read_text(encoding="utf-8"))["kinds"]
    rows = list(BY_HAND)
    with zipfile.ZipFile(wheel(PACKAGE)) as carried:
        loaded: dict[str, Any] = {}
        for kind in sorted(kinds):
            place = KINDS.get(kind.removeprefix("google_"))
            if place is None or kind.startswith("data."):
                continue
            name, schema, *below = place.split()
            if name not in loaded:
                loaded[name] = json.loads(carried.read(f"{DOCUMENTS}/{name}.json"))
            api, said = loaded[name], f"{name.replace('.', ' ')} {loaded[name]['revision']} {schema}"
            fields = api["schemas"][schema]["properties"]
            for one in below:
                fields = _fields(api, fields[one])
            rows += [(kind, path, *found, said) for path, *found in _told(api, kinds[kind], fields, kind)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["kind", "attribute", "values", "pattern", "source"])
    writer.writerows(sorted({row[:2]: row for row in reversed(rows)}.values()))  # what is written by hand goes first
    return out.getvalue()


def _told(api: Any, schema: Any, fields: Any, kind: str, path: str = "") -> Iterator[tuple[str, str, str]]:
    """(attribute, values, pattern) of what the API tells about a kind's attributes, those inside blocks too."""
    for name, one in schema.items():
        field = _found(api, fields, name)
        if field is None:
            continue
        if isinstance(one, dict):
            if path.count(".") < 5:
                yield from _told(api, one["block"], _fields(api, field), kind, f"{path}{name}.")
            continue
        field = field.get("items", field) if field.get("type") == "array" else field
        words = [word for word in field.get("enum", []) if not UNSAID.search(word)]
        settable = one[0] != "computed"
        if words and settable and f"{kind}.{path}{name}" not in APART:
            yield f"{path}{name}", "|".join(words), ""
        elif name == "name" and not path and field.get("pattern") and settable:
            yield name, "", field["pattern"].removesuffix("|")


def _found(api: Any, fields: Any, name: str) -> Any:
    """The field of the API that an attribute or a block is: by its spelling, alone or in the plural."""
    words = name.split("_")
    camel = words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:])
    for spelled in (*SPELLED.get(name, "").split("|"), camel, f"{camel}s", f"{camel}es", f"{camel[:-1]}ies"):
        inside: Any = {"properties": fields}
        for part in spelled.split("."):
            inside = _fields(api, inside).get(part) if inside is not None else None
        if spelled and inside is not None:
            return inside
    return None


def _fields(api: Any, field: Any) -> Any:
    """The fields of an object, of the objects in a list, or of what a reference leads to."""
    field = field.get("items", field)
    if "$ref" in field:
        field = api["schemas"][field["$ref"]]
    return field.get("properties", {})


if __name__ == "__main__":
    Path(VALUES).write_text(document(), encoding="utf-8")
