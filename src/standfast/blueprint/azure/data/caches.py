"""Caches: Azure Managed Redis, reached through a private endpoint, over TLS and with a key.

One without which requests fail is written to at both sites that run (active geo-replication), and nothing takes over.
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure import keys
from standfast.blueprint.azure.data.endpoints import endpoint, zone
from standfast.blueprint.azure.site import MARK, Part, Site
from standfast.blueprint.model import Block, Join, Output, Ref, Resource, Var, Variable
from standfast.blueprint.site import Kept, reason, several
from standfast.plan.place import CACHES

GROUP = "geo_replication_group_name"
ZONE = "privatelink.redis.azure.net"  # Private Link docs, "Private DNS zone values"


def resources(site: Site) -> Iterator[Resource]:
    if site.caches:
        yield from zone(site, site.part("data", "data"), "redis", ZONE)
    for kept in site.caches:
        yield from _cache(site, site.part(kept.name, "data", kept.store.place), kept)


def copied(site: Site, kept: Kept) -> bool:
    """Whether what a cache holds is at both sites, as the plan reckons."""
    behind = site.plan.standby or (site.first.standby if site.first else None)
    both = behind is not None and behind.cloud == (site.first or site.plan).cloud == site.plan.cloud
    return kept.name in site.system.essential and both and ("azure", behind.design if behind else "") in CACHES


def variables(site: Site) -> Iterator[Variable]:
    for kept in site.caches if site.first else ():
        if copied(site, kept):
            means = f"Resource id of {kept.name} on the first site: an output there, of the same name"
            example = f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Cache/redisEnterprise/{kept.id}"
            yield Variable(f"{kept.id}_cache_id", "string", means, pattern="^/subscriptions/.+$", example=example)


def outputs(site: Site) -> Iterator[Output]:
    for kept in () if site.first else site.caches:
        if copied(site, kept):
            means = f"Cache of {kept.name}, for the standby"
            yield Output(f"{kept.id}_cache_id", means, Ref(f"azurerm_managed_redis.{kept.id}", "id"))


def _cache(site: Site, part: Part, kept: Kept) -> Iterator[Resource]:
    database = {
        "access_keys_authentication_enabled": True,
        "client_protocol": "Encrypted",
        "clustering_policy": "EnterpriseCluster",  # clients see one server, as they would elsewhere
        "eviction_policy": "VolatileLRU",
        # a cache at two sites writes no disk (Azure docs, "Configure active geo-replication", prerequisites)
        **({GROUP: kept.id} if copied(site, kept) else {"persistence_redis_database_backup_frequency": "12h"}),
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
    if site.first and copied(site, kept):
        both = {"managed_redis_id": target, "linked_managed_redis_ids": [Var(f"{kept.id}_cache_id")]}
        why = f"{kept.name} holds the same at both sites, and both are written to: nothing has to take over."
        yield part.make("azurerm_managed_redis_geo_replication", kept.id, both, why)
