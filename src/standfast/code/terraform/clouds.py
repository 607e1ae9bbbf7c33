"""What Terraform is told of each cloud: its provider, the versions this is tested with, where state may be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from standfast.blueprint.model import Block, Var
from standfast.code.terraform.hcl import Name

TAGS = Name("local.tags")


@dataclass(frozen=True)
class Cloud:
    """`settings`: region -> what the provider's block says.

    `place`: what keeps the state, in words; `state`: what names it there, with {system} and {region} to be filled.
    """

    name: str
    provider: str  # as the code calls it
    source: str
    version: str
    settings: Callable[[str], Mapping[str, Any]]
    backend: str
    place: str
    state: Mapping[str, Any] = field(default_factory=dict)
    tags_each: bool = False  # whether each resource says the common tags itself: the provider has no default ones


# What azurerm 5 no longer registers by itself (azurerm docs, "5.0 Upgrade Guide").
AZURE_SERVICES = [
    "Microsoft.App", "Microsoft.Cache", "Microsoft.Cdn", "Microsoft.Compute", "Microsoft.ContainerService",
    "Microsoft.DBforMySQL", "Microsoft.DBforPostgreSQL", "Microsoft.DataProtection", "Microsoft.Insights",
    "Microsoft.KeyVault", "Microsoft.ManagedIdentity", "Microsoft.Network", "Microsoft.OperationalInsights",
    "Microsoft.Storage",
]  # fmt: skip
_VAULTS = Block({"purge_soft_delete_on_destroy": False, "recover_soft_deleted_key_vaults": True})
CLOUDS = {
    "aws": Cloud(
        "AWS", "aws", "hashicorp/aws", "~> 5.100",
        lambda region: {"region": region, "default_tags": Block({"tags": TAGS})},
        "s3", "an S3 bucket, encrypted and locked",
        {
            "bucket": "your-state-bucket", "key": "{system}/terraform.tfstate", "region": "{region}", "encrypt": True,
            "use_lockfile": True,
        },
    ),
    "azure": Cloud(
        "Azure", "azurerm", "hashicorp/azurerm", "~> 5.10",
        lambda region: {
            "storage_use_azuread": True,
            "resource_providers_to_register": AZURE_SERVICES,
            "features": Block({"key_vault": _VAULTS}),
        },
        "azurerm", "a container of a storage account, encrypted and locked",
        {
            "resource_group_name": "your-state-group", "storage_account_name": "yourstateaccount",
            "container_name": "state", "key": "{system}.tfstate", "use_azuread_auth": True,
        },
        tags_each=True,
    ),
    "gcp": Cloud(
        "Google Cloud", "google", "hashicorp/google", "~> 8.7",
        lambda region: {"project": Var("project"), "region": region, "default_labels": TAGS},
        "gcs", "a Cloud Storage bucket, encrypted and locked; switch its versioning on",
        {"bucket": "your-state-bucket", "prefix": "{system}"},
    ),
}  # fmt: skip
