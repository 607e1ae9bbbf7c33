"""Blueprints to write as Pulumi programs: plans by hand for odd cases, and the shop as the planner plans it."""

from __future__ import annotations

import re
from functools import cache

from standfast.blueprint import (
    Block,
    Blueprint,
    Join,
    Output,
    Ref,
    Resource,
    Var,
    Variable,
    make_blueprint,
    make_blueprints,
)
from standfast.plan import Plan, make_plan
from standfast.spec import parse_spec, read_spec
from tests.blueprint.shapes import contained, everything, standing_by
from tests.shop import EXAMPLES, shop_plan

ODD = {"motto": "'%{if} ${x} $${y} {z} \"quoted\" \\ ☃ %n'", "owner": "'${owner} \"x\" \\ {y}'"}


def planned(cloud: str, compute: str) -> Blueprint:
    """The example on another cloud and another platform."""
    text = (EXAMPLES / "shop.yaml").read_text(encoding="utf-8")
    text = re.sub(r"clouds: \[.*\]", f"clouds: [{cloud}]\n  compute: {compute}", text)
    text = text.replace("budget: 7000", "budget: 70000").replace("availability: 99.9%", "availability: 99.5%")
    return make_blueprints(make_plan(parse_spec(text, "shop.yaml")))[0]


def copying() -> Plan:
    """A plan whose databases, cache and objects are all copied to a warm standby."""
    return make_plan(read_spec(EXAMPLES / "standby.yaml"))


@cache
def blueprints() -> dict[str, Blueprint]:
    together, copied = make_blueprints(standing_by("active-active")), make_blueprints(copying())
    found = {
        "together": together[0],
        "together-second": together[1],
        "copied": copied[0],
        "copied-second": copied[1],
        "shop": make_blueprint(shop_plan()),
        "everything": make_blueprint(everything(**ODD)),
        "contained": make_blueprint(contained()),
        "private": make_blueprint(everything(exposure="private", system="a-system-with-a-very-long-name-x")),
        "aws-kubernetes": planned("aws", "kubernetes"),
        "gcp-vm": planned("gcp", "vm"),
        "gcp-container": planned("gcp", "container"),
        "azure-vm": planned("azure", "vm"),
        "azure-kubernetes": planned("azure", "kubernetes"),
    }
    return found


NAMES = (
    "together",
    "together-second",
    "copied",
    "copied-second",
    "shop",
    "everything",
    "contained",
    "private",
    "aws-kubernetes",
    "gcp-vm",
    "gcp-container",
    "azure-vm",
    "azure-kubernetes",
)


def small(cloud: str) -> Blueprint:
    """A network, a database, a server and a bucket by hand: small enough to be run many times."""
    project = Variable("project", "string", "The project", "example-project-1")
    resources = {"aws": _AWS, "gcp": _GCP, "azure": _AZURE}[cloud]
    outputs = (Output("network", "The network", Ref(resources[0].address, "id")),)
    return Blueprint(cloud, "eu-west-1", "small", resources, (project,), outputs, {"system": "small"})


_AWS = (
    Resource("aws_vpc", "main", {"cidr_block": "10.0.0.0/16", "enable_dns_support": True}, "network"),
    Resource("aws_subnet", "a", {"vpc_id": Ref("aws_vpc.main", "id"), "cidr_block": "10.0.0.0/24"}, "network"),
    Resource(
        "aws_db_instance", "d",
        {
            "instance_class": "db.t4g.micro", "engine": "postgres", "allocated_storage": 20, "storage_type": "gp3",
            "vpc_security_group_ids": ["sg-1"], "tags": {"Name": "d"},
        },
        "data", lifecycle={"prevent_destroy": True, "ignore_changes": ["allocated_storage"]},
    ),
    Resource(
        "aws_launch_template", "t",
        {
            "name": "t", "metadata_options": Block({"http_tokens": "required"}),
            "block_device_mappings": Block({"device_name": "a", "ebs": Block({"volume_size": 8})}),
        },
        "compute",
    ),
    Resource(
        "aws_autoscaling_group", "g",
        {
            "max_size": 2, "min_size": 1, "enabled_metrics": ["GroupMinSize"],
            "tag": [Block({"key": "a", "value": "b", "propagate_at_launch": True})],
            "launch_template": Block({"id": Ref("aws_launch_template.t", "id"), "version": "1"}),
        },
        "compute", depends_on=("aws_subnet.a",),
    ),
)  # fmt: skip
_GCP = (
    Resource("google_compute_network", "main", {"name": "main", "auto_create_subnetworks": False}, "network"),
    Resource(
        "google_compute_subnetwork", "a",
        {
            "name": "a", "network": Ref("google_compute_network.main", "id"), "ip_cidr_range": "10.0.0.0/24",
            "region": "europe-west1",
        },
        "network",
    ),
    Resource(
        "google_sql_database_instance", "d",
        {
            "name": "d", "database_version": "POSTGRES_17", "deletion_protection": True,
            "settings": Block(
                {
                    "tier": "db-custom-2-8192", "disk_size": 20,
                    "ip_configuration": Block({"ipv4_enabled": False, "ssl_mode": "ENCRYPTED_ONLY"}),
                    "user_labels": {"name": "d"},
                }
            ),
        },
        "data", lifecycle={"prevent_destroy": True, "ignore_changes": ["settings[0].disk_size"]},
    ),
    Resource(
        "google_storage_bucket", "b",
        {
            "name": Join((Var("project"), "-b")), "location": "EU", "versioning": Block({"enabled": True}),
            "lifecycle_rule": [
                Block({"action": Block({"type": "Delete"}), "condition": Block({"num_newer_versions": 3})})
            ],
        },
        "data", depends_on=("google_compute_network.main",),
    ),
)  # fmt: skip
_AZURE = (
    Resource("azurerm_resource_group", "main", {"name": "main", "location": "westeurope"}, "network"),
    Resource(
        "azurerm_virtual_network", "main",
        {
            "name": "main", "resource_group_name": Ref("azurerm_resource_group.main", "name"),
            "location": "westeurope", "address_space": ["10.0.0.0/16"],
        },
        "network",
    ),
    Resource(
        "azurerm_subnet", "a",
        {
            "name": "a", "resource_group_name": Ref("azurerm_resource_group.main", "name"),
            "virtual_network_name": Ref("azurerm_virtual_network.main", "name"), "address_prefixes": ["10.0.0.0/24"],
        },
        "network",
    ),
    Resource(
        "azurerm_postgresql_flexible_server", "d",
        {
            "name": "d", "resource_group_name": Ref("azurerm_resource_group.main", "name"), "location": "westeurope",
            "sku_name": "GP_Standard_D2s_v3", "storage_mb": 32768, "backup_retention_days": 7, "tags": {"name": "d"},
            "high_availability": Block({"mode": "ZoneRedundant"}),
        },
        "data", lifecycle={"prevent_destroy": True, "ignore_changes": ["high_availability[0].mode", "zone"]},
    ),
    Resource(
        "azurerm_storage_account", "s",
        {
            "name": "s", "resource_group_name": Ref("azurerm_resource_group.main", "name"), "location": "westeurope",
            "account_tier": "Standard", "account_replication_type": "ZRS", "min_tls_version": "TLS1_2",
            "blob_properties": Block({"versioning_enabled": True, "delete_retention_policy": Block({"days": 7})}),
        },
        "data", depends_on=("azurerm_subnet.a",),
    ),
)  # fmt: skip
