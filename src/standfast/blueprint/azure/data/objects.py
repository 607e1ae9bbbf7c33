"""Storage accounts: one per object store, one for logs. Versions are kept, keys are ours, shared keys are off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from standfast.blueprint.azure import keys
from standfast.blueprint.azure.data.endpoints import endpoint, zone
from standfast.blueprint.azure.site import GROUP, LOCATION, Part, Site
from standfast.blueprint.model import Block, Output, Ref, Resource, Var, Variable
from standfast.blueprint.site import Kept

ZONES = {"blob": "privatelink.blob.core.windows.net", "vault": "privatelink.vaultcore.azure.net"}
LOGS = "logs"


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("data", "data")
    for name, domain in ZONES.items():
        yield from zone(site, part, name, domain)
    yield endpoint(site, part, "vault", "vault", keys.VAULT_ID, "vault", "vault")
    for kept in site.buckets:
        yield from _store(site, site.part(kept.name, "data", kept.store.place), kept)
    yield from _logs(site)


def account(kept: Kept) -> Ref:
    return Ref(f"azurerm_storage_account.{kept.id}", "id")


def container(kept: Kept) -> str:
    """The container's name: 3 to 63 characters, no two hyphens together (Azure docs, "Naming containers")."""
    name = re.sub(r"-+", "-", kept.name)
    return name if len(name) > 2 else f"{name}-objects"


def read_by_all(kept: Kept) -> bool:
    """Content delivery reads objects as anybody would (decision 0041); nothing else lets anybody in."""
    return bool(kept.store.cdn)


def _account(site: Site, name: str, *, delete_days: int, versions: bool, public: bool, replication: str) -> dict:
    blobs: dict[str, Any] = {
        "delete_retention_policy": Block({"days": delete_days}),
        "container_delete_retention_policy": Block({"days": delete_days}),
    }
    if versions:
        blobs |= {
            "versioning_enabled": True,
            "change_feed_enabled": True,
            "restore_policy": Block({"days": delete_days - 1}),
        }
    return {
        "name": site.account(name),
        "resource_group_name": GROUP,
        "location": LOCATION,
        "account_kind": "StorageV2",
        "account_tier": "Standard",
        "account_replication_type": replication,
        "access_tier": "Hot",
        "min_tls_version": "TLS1_2",
        "https_traffic_only_enabled": True,
        "allow_nested_items_to_be_public": public,
        "shared_access_key_enabled": False,
        "default_to_oauth_authentication": True,
        "cross_tenant_replication_enabled": False,
        "local_user_enabled": False,
        "infrastructure_encryption_enabled": True,
        # off, Azure's own services still come by the exception below (Storage docs, "Configure network access")
        "public_network_access_enabled": public,
        "network_rules": None if public else Block({"default_action": "Deny", "bypass": ["AzureServices"]}),
        "blob_properties": Block(blobs),
        **keys.encrypted(),
        "customer_managed_key": Block(
            {"key_vault_key_id": keys.DATA_KEY, "user_assigned_identity_id": keys.ENCRYPTION}
        ),
    }


def replication(site: Site) -> str:
    return "ZRS" if len(site.zone_names) > 1 else "LRS"


def _store(site: Site, part: Part, kept: Kept) -> Iterator[Resource]:
    days = min(max(site.size("backup", "retention_days", 35), 8), 365)
    public = read_by_all(kept)
    settings = _account(site, kept.name, delete_days=days, versions=True, public=public, replication=replication(site))
    why = f"{kept.name}: every version is kept for {days} days, so that what was overwritten or deleted comes back."
    yield part.make("azurerm_storage_account", kept.id, settings, why, tag=True, depends_on=keys.KEY_USERS)
    held = {
        "name": container(kept),
        "storage_account_id": account(kept),
        "container_access_type": "blob" if public else "private",
    }
    why = "Read by content delivery, and so by everybody; never listed." if public else ""
    yield part.make("azurerm_storage_container", kept.id, held, why)
    old = {
        "name": "versions",
        "enabled": True,
        "filters": Block({"blob_types": ["blockBlob"]}),
        "actions": Block({"version": Block({"delete_after_days_since_creation": days})}),
    }
    policy = {"storage_account_id": account(kept), "rule": Block(old)}
    yield part.make("azurerm_storage_management_policy", kept.id, policy)
    if kept.callers:
        yield endpoint(site, part, kept.id, kept.name, account(kept), "blob", "blob")
    if site.first and site.first.cloud == "azure":
        yield _replication(part, kept)


def _replication(part: Part, kept: Kept) -> Resource:
    """From the first site's account into this one."""
    settings = {
        "source_storage_account_id": Var(f"{kept.id}_account_id"),
        "destination_storage_account_id": account(kept),
        "rules": Block(
            {
                "source_container_name": container(kept),
                "destination_container_name": Ref(f"azurerm_storage_container.{kept.id}", "name"),
                "copy_blobs_created_after": "Everything",
            }
        ),
    }
    return part.make("azurerm_storage_object_replication", kept.id, settings, f"{kept.name} of the first site.")


def _logs(site: Site) -> Iterator[Resource]:
    part = site.part("logs", "watch")
    settings = _account(site, LOGS, delete_days=7, versions=False, public=False, replication=replication(site))
    why = "Records of traffic, and of what is done in the subscription."
    yield part.make("azurerm_storage_account", LOGS, settings, why, tag=True, depends_on=keys.KEY_USERS)
    expire = {
        "name": "expire",
        "enabled": True,
        "filters": Block({"blob_types": ["blockBlob", "appendBlob"]}),
        "actions": Block(
            {"base_blob": Block({"delete_after_days_since_modification_greater_than": max(site.log_days, 365)})}
        ),
    }
    policy = {"storage_account_id": Ref(f"azurerm_storage_account.{LOGS}", "id"), "rule": Block(expire)}
    yield part.make("azurerm_storage_management_policy", LOGS, policy)


def outputs(site: Site) -> Iterator[Output]:
    for kept in site.buckets:
        yield Output(f"{kept.id}_account", f"Storage account of {kept.name}",
                     Ref(f"azurerm_storage_account.{kept.id}", "name"))  # fmt: skip
        if site.plan.standby and site.plan.standby.cloud == "azure":
            yield Output(f"{kept.id}_account_id", f"Where the standby copies {kept.name} from", account(kept))


def variables(site: Site) -> Iterator[Variable]:
    if site.first and site.first.cloud == "azure":
        for kept in site.buckets:
            means = f"Resource id of {kept.name}'s storage account on the first site: an output there"
            example = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/first"
            yield Variable(f"{kept.id}_account_id", "string", means, pattern="^/subscriptions/.+$", example=example)
