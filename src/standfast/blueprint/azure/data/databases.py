"""Databases: in subnets of their own, encrypted with our key, and reached over TLS only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from standfast.blueprint.azure import keys, network
from standfast.blueprint.azure.site import GROUP, LOCATION, MARK, Part, Site
from standfast.blueprint.boot import DATABASE
from standfast.blueprint.model import Block, Join, Output, Ref, Resource, Var, Variable
from standfast.blueprint.site import DATABASES, Kept, reason

# Engine versions where neither plan nor spec names one: what Azure gives standard support, as of 2026-11.
NEWEST = {"postgres": "17", "mysql": "8.4"}
MYSQL_VERSIONS = {"8.0": "8.0.21", "5.7": "5.7"}  # as Azure writes them (azurerm docs, mysql_flexible_server)
# Sizes of disks that PostgreSQL is sold with, GiB (azurerm docs, postgresql_flexible_server: storage_mb).
DISKS = (32, 64, 128, 256, 512, 1024, 2048, 4095, 8192, 16384, 32767)
LEAST_FOLLOWED = "GP_Standard_D2ads_v5"  # Azure docs, "Read replicas": not on the burstable tier
RETENTION = (7, 35)  # days of point-in-time recovery
FORCE_TLS = {
    "postgres": {"require_secure_transport": "on", "ssl_min_protocol_version": "TLSv1.2"},
    "mysql": {"require_secure_transport": "ON", "tls_version": "TLSv1.2,TLSv1.3"},
}
ZONE = {"postgres": "private.postgres.database.azure.com", "mysql": "private.mysql.database.azure.com"}
KIND = {"postgres": "postgresql", "mysql": "mysql"}
_TIER = re.compile(r"(B|GP|MO)_(Standard_\w+)")


def resources(site: Site) -> Iterator[Resource]:
    for kind in DATABASES:
        if any(kept.kind == kind for kept in site.databases):
            yield from _names(site, kind)
    for kept in site.databases:
        part = site.part(kept.name, "data", kept.store.place)
        yield from _database(site, part, kept)


def _names(site: Site, kind: str) -> Iterator[Resource]:
    part = site.part("data", "data")
    zone = {"name": f"{site.own}.{ZONE[kind]}", "resource_group_name": GROUP}
    yield part.make("azurerm_private_dns_zone", kind, zone, "Names that only this network can see.", tag=True)
    link = {
        "name": site.name(kind),
        "private_dns_zone_id": Ref(f"azurerm_private_dns_zone.{kind}", "id"),
        "virtual_network_id": network.VNET_ID,
    }
    yield part.make("azurerm_private_dns_zone_virtual_network_link", kind, link, tag=True)


def _database(site: Site, part: Part, kept: Kept) -> Iterator[Resource]:
    size, follows = kept.choice.size, keys.follows(site, kept)
    address = keys.server(kept)
    days = min(max(int(size.get("retention_days", 7)), RETENTION[0]), RETENTION[1])
    settings: dict[str, Any] = {
        "name": Join((f"{site.name(kept.name, limit=56)}-", MARK)),
        "resource_group_name": GROUP,
        "location": LOCATION,
        "sku_name": sku(site, kept),
        "zone": site.zone_names[0] if site.zone_names else None,
        "delegated_subnet_id": network.subnet(kept.kind),
        "private_dns_zone_id": Ref(f"azurerm_private_dns_zone.{kept.kind}", "id"),
        "backup_retention_days": days,
        "geo_redundant_backup_enabled": offsite(site),
    }
    if follows:
        settings |= {"create_mode": "Replica", "source_server_id": Var(f"{kept.id}_server_id")}
    else:
        settings |= {
            "version": version(kept),
            "administrator_login": keys.ADMIN,
            "administrator_password": keys.password(kept),
        }
    settings |= _kind(kept)
    if "multi-az" in kept.choice.design:
        other = site.zone_names[1] if len(site.zone_names) > 1 else None
        settings["high_availability"] = Block({"mode": "ZoneRedundant", "standby_availability_zone": other})
    settings["maintenance_window"] = Block({"day_of_week": 0, "start_hour": 3, "start_minute": 30})
    settings |= keys.encrypted()
    key = {
        "key_vault_key_id": keys.DATA_KEY,
        "primary_user_assigned_identity_id": keys.ENCRYPTION,
    }
    if not offsite(site):  # a copy in the other region would ask for a key there
        settings["customer_managed_key"] = Block(key)
    where = "on two machines in two zones" if "high_availability" in settings else "on one machine"
    why = (
        f"{kept.name} follows the one of the first site; promote it on the day that one is lost."
        if follows
        else f"{kept.name} in {kept.kind} {where}, {reason(kept.choice)}"
    )
    needs = (*keys.KEY_USERS, f"azurerm_private_dns_zone_virtual_network_link.{kept.kind}")
    # after a failover the two machines have changed places: that is not a change to undo
    moved = {"ignore_changes": ["zone", "high_availability[0].standby_availability_zone"]}
    kind, name = address.split(".")
    yield part.make(kind, name, settings, why, tag=True, depends_on=needs,
                    lifecycle=moved if "high_availability" in settings else {"ignore_changes": ["zone"]})  # fmt: skip
    if not follows:
        yield from _inside(part, kept, address)
    for number in range(1, int(size.get("read_replicas", 0)) + 1):
        yield _replica(site, part, kept, number, settings)


def _kind(kept: Kept) -> dict[str, Any]:
    gib = max(int(kept.choice.size.get("storage_gib", kept.store.data)), 20)
    if kept.kind == "mysql":
        disk = {"size_gb": gib, "auto_grow_enabled": True, "io_scaling_enabled": True}
        return {"storage": Block(disk)}
    bought = next((one for one in DISKS if one >= gib), DISKS[-1])
    return {
        "storage_mb": bought * 1024,
        "auto_grow_enabled": True,
        "public_network_access_enabled": False,
    }


def _inside(part: Part, kept: Kept, address: str) -> Iterator[Resource]:
    """What stands in a server: the database, and that it refuses connections without TLS."""
    kind = KIND[kept.kind]
    if kept.kind == "postgres":
        database = {"name": DATABASE, "server_id": Ref(address, "id"), "charset": "UTF8", "collation": "en_US.utf8"}
        yield part.make("azurerm_postgresql_flexible_server_database", kept.id, database)
        own = {"server_id": Ref(address, "id")}
    else:
        own = {"resource_group_name": GROUP, "server_name": Ref(address, "name")}
        database = {"name": DATABASE, **own, "charset": "utf8mb4", "collation": "utf8mb4_0900_ai_ci"}
        yield part.make("azurerm_mysql_flexible_database", kept.id, database)
    for number, (name, value) in enumerate(FORCE_TLS[kept.kind].items()):
        why = "Connections without TLS are refused." if number == 0 else ""
        settings = {"name": name, **own, "value": value}
        kind_of = f"azurerm_{kind}_flexible_server_configuration"
        yield part.make(kind_of, f"{kept.id}_{name}", settings, why)


def _replica(site: Site, part: Part, kept: Kept, number: int, primary: dict[str, Any]) -> Resource:
    names = site.zone_names
    copied = ("resource_group_name", "location", "sku_name", "delegated_subnet_id", "private_dns_zone_id",
              "storage_mb", "storage", "auto_grow_enabled", "public_network_access_enabled", "identity",
              "customer_managed_key")  # fmt: skip
    kind, name = keys.server(kept).split(".")
    settings = {
        "name": Join((f"{site.name(kept.name, f'read-{number}', limit=56)}-", MARK)),
        **{key: primary[key] for key in copied if key in primary},
        "zone": names[number % len(names)] if names else None,
        "create_mode": "Replica",
        "source_server_id": Ref(keys.server(kept), "id"),
    }
    why = f"Answers reads of {kept.name} that may be seconds old." if number == 1 else ""
    return part.make(kind, f"{name}_read_{number}", settings, why, tag=True, depends_on=keys.KEY_USERS)


def readers(kept: Kept) -> list[Ref]:
    """Host names of a database's read replicas."""
    count = int(kept.choice.size.get("read_replicas", 0))
    return [Ref(f"{keys.server(kept)}_read_{number + 1}", "fqdn") for number in range(count)]


def offsite(site: Site) -> bool:
    """Whether the backups are copied to the region that Azure pairs with this one."""
    there = site.plan.standby
    return bool(there and there.cloud == "azure" and there.design in ("backup", "log-shipping"))


def sku(site: Site, kept: Kept) -> str:
    """The size as the provider writes it: GP_Standard_D2ads_v5. Burstable ones follow nobody and are not followed."""
    offer = kept.choice.offer
    if not _TIER.fullmatch(offer):
        tier = {"B": "B", "E": "MO"}.get(offer.removeprefix("Standard_")[:1], "GP")
        offer = f"{tier}_{offer}"
    there = site.plan.standby
    followed = kept.choice.size.get("read_replicas") or (there and there.cloud == "azure" and not offsite(site))
    return LEAST_FOLLOWED if offer.startswith("B_") and (keys.follows(site, kept) or followed) else offer


def version(kept: Kept) -> str:
    said = str(kept.choice.size.get("engine_version") or kept.store.version or NEWEST[kept.kind])
    if kept.kind == "mysql":
        return MYSQL_VERSIONS.get(".".join(said.split(".")[:2]), said)
    return said.split(".")[0]


def outputs(site: Site) -> Iterator[Output]:
    for kept in site.databases:
        yield Output(f"{kept.id}_endpoint", f"Where {kept.name} listens, inside the network",
                     Ref(keys.server(kept), "fqdn"))  # fmt: skip
        if site.plan.standby and site.plan.standby.cloud == "azure":
            means = f"What the standby's {kept.name} follows"
            yield Output(f"{kept.id}_server_id", means, Ref(keys.server(kept), "id"))


def variables(site: Site) -> Iterator[Variable]:
    for kept in site.databases:
        if keys.follows(site, kept):
            means = f"Resource id of {kept.name} on the first site: an output there, of the same name"
            example = f"/subscriptions/s/resourceGroups/g/providers/{KIND[kept.kind]}/{kept.id}"
            yield Variable(f"{kept.id}_server_id", "string", means, pattern="^/subscriptions/.+$", example=example)
            if not kept.callers:
                continue
            means = f"Password of {kept.name}, the first site's"
            yield Variable(f"{kept.id}_password", "string", means, secret=True, pattern="^[A-Za-z0-9_-]{16,64}$")
