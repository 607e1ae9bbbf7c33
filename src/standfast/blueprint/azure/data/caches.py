"""Caches: Azure Managed Redis, reached through a private endpoint, over TLS and with a key."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure import keys
from standfast.blueprint.azure.data.endpoints import endpoint, zone
from standfast.blueprint.azure.site import MARK, Part, Site
from standfast.blueprint.model import Block, Join, Ref, Resource
from standfast.blueprint.site import Kept, reason, several

ZONE = "privatelink.redis.azure.net"  # Private Link docs, "Private DNS zone values"


def resources(site: Site) -> Iterator[Resource]:
    if site.caches:
        yield from zone(site, site.part("data", "data"), "redis", ZONE)
    for kept in site.caches:
        yield from _cache(site, site.part(kept.name, "data", kept.store.place), kept)


def _cache(site: Site, part: Part, kept: Kept) -> Iterator[Resource]:
    database = {
        "access_keys_authentication_enabled": True,
        "client_protocol": "Encrypted",
        "clustering_policy": "EnterpriseCluster",  # clients see one server, as they would elsewhere
        "eviction_policy": "VolatileLRU",
        "persistence_redis_database_backup_frequency": "12h",
    }
    settings = {
        "sku_name": kept.choice.offer,
        "high_availability_enabled": kept.choice.count > 1,
        "public_network_access": "Disabled",
        **keys.encrypted(),
        "customer_managed_key": Block(
            {"key_vault_key_id": Ref("azurerm_key_vault_key.data", "id"), "user_assigned_identity_id": keys.ENCRYPTION}
        ),
        "default_database": Block(database),
    }
    how = f"{several(kept.choice.count, 'node')} over {several(max(kept.choice.zones, 1), 'zone')}"
    why = f"{kept.name} in Redis, {how}, {reason(kept.choice)}"
    name = Join((f"{site.name(kept.name, limit=50)}-", MARK))
    yield part.placed("azurerm_managed_redis", kept.id, name, settings, why, depends_on=keys.KEY_USERS)
    target = Ref(f"azurerm_managed_redis.{kept.id}", "id")
    yield endpoint(site, part, kept.id, kept.name, target, "redisEnterprise", "redis")
