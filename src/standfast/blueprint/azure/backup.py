"""Copies kept apart: a vault that nobody empties before its time, how often a copy is made, and of what."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure import keys
from standfast.blueprint.azure.data.databases import offsite
from standfast.blueprint.azure.data.objects import container
from standfast.blueprint.azure.site import GROUP, GROUP_ID, LOCATION, Part, Site
from standfast.blueprint.model import Block, Ref, Resource

VAULT, VAULT_ID = "azurerm_data_protection_backup_vault.main", Ref("azurerm_data_protection_backup_vault.main", "id")
PRINCIPAL = Ref(VAULT, "identity[0].principal_id")
HOURS = (4, 6, 8, 12, 24)  # between copies of a disk that Azure Backup sells
QUARTER = "P3M"  # where the spec does not say for how long
START = "2026-01-04T04:30:00+00:00"  # any past Sunday: the rhythm counts from it


def rhythm(hours: float) -> str:
    """How often, as Azure Backup writes it, rounded down to an interval it knows; four hours at the least."""
    every = max((one for one in HOURS if one <= hours), default=HOURS[0])
    return f"R/{START}/P1D" if every == 24 else f"R/{START}/PT{every}H"


def _kept(site: Site) -> tuple[list, list, tuple]:
    """Of what copies are kept in the vault: disks, PostgreSQL, objects."""
    disks = [host for host in site.hosted if host.stateful and site.plan.shape == "vm"]
    postgres = [kept for kept in site.databases if kept.kind == "postgres" and not keys.follows(site, kept)]
    return disks, postgres, site.buckets if not site.first else ()


def kept_apart(site: Site) -> bool:
    """Whether there is a vault here."""
    return any(_kept(site))


def resources(site: Site) -> Iterator[Resource]:
    disks, postgres, buckets = _kept(site)
    if not kept_apart(site):
        return
    part = site.part("backup", "backup")
    days = max(site.size("backup", "retention_days", 35), 7)
    yield _vault(site, part)
    if disks:
        yield from _disks(site, part, disks, days)
    if postgres:
        yield from _postgres(site, part, postgres)
    if buckets:
        yield from _blobs(site, part, buckets, days)


def _vault(site: Site, part: Part) -> Resource:
    far = offsite(site)
    settings = {
        "datastore_type": "VaultStore",
        "redundancy": "GeoRedundant" if far else "ZoneRedundant" if len(site.zone_names) > 1 else "LocallyRedundant",
        "cross_region_restore_enabled": True if far else None,
        "soft_delete": "On",
        "retention_duration_in_days": 30,
        "immutability": "Unlocked",
        "identity": Block({"type": "SystemAssigned"}),
    }
    why = "Copies apart from what they are made of: not shortened, and kept for 30 days after somebody deletes them."
    return part.placed("azurerm_data_protection_backup_vault", "main", site.name("backup", limit=50), settings, why)


def _may(part: Part, name: str, scope: Ref, role: str) -> Resource:
    settings = {
        "scope": scope,
        "role_definition_name": role,
        "principal_id": PRINCIPAL,
        "principal_type": "ServicePrincipal",
    }
    return part.make("azurerm_role_assignment", name, settings)


def _disks(site: Site, part: Part, disks: list, days: int) -> Iterator[Resource]:
    policy = {
        "name": "disks",
        "vault_id": VAULT_ID,
        "backup_repeating_time_intervals": [rhythm(site.size("backup", "interval_hours", 24))],
        "default_retention_duration": f"P{days}D",
    }
    yield part.make("azurerm_data_protection_backup_policy_disk", "main", policy, f"Kept for {days} days.")
    yield _may(part, "backup_snapshots", GROUP_ID, "Disk Snapshot Contributor")
    for host in disks:
        own = site.part(host.name, "backup", host.service.place)
        disk = Ref(f"azurerm_managed_disk.{host.id}", "id")
        yield _may(own, f"backup_reads_{host.id}", disk, "Disk Backup Reader")
        settings = {
            "name": host.name,
            "location": LOCATION,
            "vault_id": VAULT_ID,
            "disk_id": disk,
            "snapshot_resource_group_name": GROUP,
            "backup_policy_id": Ref("azurerm_data_protection_backup_policy_disk.main", "id"),
        }
        needs = ("azurerm_role_assignment.backup_snapshots", f"azurerm_role_assignment.backup_reads_{host.id}")
        yield own.make("azurerm_data_protection_backup_instance_disk", host.id, settings, depends_on=needs)


def _longest(site: Site) -> int:
    """Days that `rules: retention` asks copies to be kept for; 0 where it is silent."""
    return max(int(site.size("backup", f"{period}_days", 0)) for period in ("daily", "weekly", "monthly", "yearly"))


def _duration(site: Site) -> str:
    """A week at least; ten years at most is what Azure Backup keeps of a flexible server."""
    return f"P{min(max(_longest(site), 7), 3_650)}D" if _longest(site) else QUARTER


def _postgres(site: Site, part: Part, stores: list) -> Iterator[Resource]:
    kept_for = Block({"life_cycle": Block({"duration": _duration(site), "data_store_type": "VaultStore"})})
    policy = {
        "name": "postgres",
        "vault_id": VAULT_ID,
        "backup_repeating_time_intervals": [f"R/{START}/P1W"],
        "default_retention_rule": kept_for,
    }
    for_long = "three months" if _duration(site) == QUARTER else f"{_longest(site)} days"
    why = f"A copy a week, kept for {for_long}, beside the point-in-time recovery of the server itself."
    kind = "azurerm_data_protection_backup_policy_postgresql_flexible_server"
    yield part.make(kind, "main", policy, why)
    yield _may(part, "backup_reads_group", GROUP_ID, "Reader")
    for kept in stores:
        own = site.part(kept.name, "backup", kept.store.place)
        server = Ref(keys.server(kept), "id")
        role = "PostgreSQL Flexible Server Long Term Retention Backup Role"
        yield _may(own, f"backup_reads_{kept.id}", server, role)
        settings = {
            "name": kept.name,
            "location": LOCATION,
            "vault_id": VAULT_ID,
            "server_id": server,
            "backup_policy_id": Ref(f"{kind}.main", "id"),
        }
        needs = ("azurerm_role_assignment.backup_reads_group", f"azurerm_role_assignment.backup_reads_{kept.id}")
        kind_of = "azurerm_data_protection_backup_instance_postgresql_flexible_server"
        yield own.make(kind_of, kept.id, settings, depends_on=needs)


def _blobs(site: Site, part: Part, stores: tuple, days: int) -> Iterator[Resource]:
    policy = {
        "name": "objects",
        "vault_id": VAULT_ID,
        "backup_repeating_time_intervals": [f"R/{START}/P1D"],
        "vault_default_retention_duration": f"P{days}D",
    }
    yield part.make("azurerm_data_protection_backup_policy_blob_storage", "main", policy, f"Kept for {days} days.")
    for kept in stores:
        own = site.part(kept.name, "backup", kept.store.place)
        account = Ref(f"azurerm_storage_account.{kept.id}", "id")
        yield _may(own, f"backup_reads_{kept.id}", account, "Storage Account Backup Contributor")
        settings = {
            "name": kept.name,
            "location": LOCATION,
            "vault_id": VAULT_ID,
            "storage_account_id": account,
            "storage_account_container_names": [container(kept)],
            "backup_policy_id": Ref("azurerm_data_protection_backup_policy_blob_storage.main", "id"),
        }
        needs = (f"azurerm_role_assignment.backup_reads_{kept.id}", f"azurerm_storage_container.{kept.id}")
        yield own.make("azurerm_data_protection_backup_instance_blob_storage", kept.id, settings, depends_on=needs)
