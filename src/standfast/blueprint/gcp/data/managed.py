"""Databases and caches: inside the network, encrypted with our key, and reached over TLS only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.boot import DATABASE
from standfast.blueprint.gcp.data.stores import (
    LOGIN,
    copies,
    instance,
    read_host,
    reading,
    version,
    written_there,
)
from standfast.blueprint.gcp.edge.domain import INTERNAL, TTL, dotted
from standfast.blueprint.gcp.keys import DATA_KEY, opens, password
from standfast.blueprint.gcp.network import network, private
from standfast.blueprint.gcp.site import Part, Site, replicas
from standfast.blueprint.model import Block, Join, Ref, Resource, Var, Variable
from standfast.blueprint.site import Kept, reason, several

LOG_DAYS = 7  # that Cloud SQL Enterprise keeps its log at most
COPIES = 365  # backups that Cloud SQL keeps of an instance at most ("About Cloud SQL backups", 2026-11-28)
# Slow statements are seen in Query Insights, without the values in them: a log would hold what users wrote.
FLAGS = {
    "postgres": {
        "cloudsql.enable_pgaudit": "on", "cloudsql.iam_authentication": "on", "log_checkpoints": "on",
        "log_connections": "on", "log_disconnections": "on", "log_hostname": "on", "log_lock_waits": "on",
        "log_min_duration_statement": "-1", "log_min_error_statement": "error", "log_statement": "ddl",
        "log_temp_files": "0",
    },
    "mysql": {
        "cloudsql_iam_authentication": "on", "local_infile": "off", "long_query_time": "1", "slow_query_log": "on",
    },
}  # fmt: skip
FOLLOWED = {"postgres": {"cloudsql.logical_decoding": "on"}, "mysql": {"binlog_row_image": "full"}}
PERIODS = {1: "ONE_HOUR", 6: "SIX_HOURS", 12: "TWELVE_HOURS", 24: "TWENTY_FOUR_HOURS"}  # of a cache's copies


def variables(site: Site) -> Iterator[Variable]:
    for kept in site.databases:
        if written_there(site, kept):
            told = f"{kept.name} of the first site: its output of this name"
            yield Variable(f"{kept.id}_instance", "string", f"Name of {told}", example=site.system.name)
            if site.hosted:
                yield Variable(
                    f"{kept.id}_address", "string", f"Address of {told}", pattern=r"^[0-9.]+$", example="10.8.0.3"
                )


def resources(site: Site) -> Iterator[Resource]:
    for kept in site.databases:
        part = site.part(kept.name, "data", kept.store.place)
        if written_there(site, kept):
            why = f"A replica of {kept.name}, which follows the first site's and takes its place when that is lost."
            master = Var(f"{kept.id}_instance")
            yield _instance(site, part, kept, kept.id, site.name(kept.name), why, master)
        else:
            yield from _database(site, part, kept)
    for kept in site.caches:
        yield _cache(site, site.part(kept.name, "data", kept.store.place), kept)


def _database(site: Site, part: Part, kept: Kept) -> Iterator[Resource]:
    how = "on two machines in two zones" if _two(kept) else "on one machine"
    why = f"{kept.name} in {kept.kind} {how}, {reason(kept.choice)}"
    yield _instance(site, part, kept, kept.id, site.name(kept.name), why)
    lead = instance(kept.id, "name")
    database = {"name": DATABASE, "instance": lead, "deletion_policy": "ABANDON"}
    yield part.make("google_sql_database", kept.id, database)
    # what a user of PostgreSQL owns keeps him from being removed: he goes with the instance
    user = {"name": LOGIN, "instance": lead, "password": password(kept), "deletion_policy": "ABANDON"}
    yield part.make("google_sql_user", kept.id, user)
    for number in range(1, replicas(kept) + 1):
        name = f"{kept.id}_read_{number}"
        why = f"Answers reads of {kept.name} that may be seconds old." if number == 1 else ""
        yield _instance(site, part, kept, name, site.name(kept.name, "read", str(number)), why, lead)
    if isinstance(reading(site, kept), Join):
        yield _read_name(site, kept)


def _read_name(site: Site, kept: Kept) -> Resource:
    part = site.part(kept.name, "edge", kept.store.place)
    settings = {
        "managed_zone": Ref(f"google_dns_managed_zone.{INTERNAL}", "name"),
        "name": dotted(Join(read_host(site, kept))),
        "type": "A",
        "ttl": TTL,
        "rrdatas": copies(site, kept),
    }
    return part.make("google_dns_record_set", f"{kept.id}_read", settings, "One name for all that answer reads.")


def _written(kept: Kept) -> str:
    """The version as Google writes it in one word."""
    return version(kept).upper().replace(".", "_")


def _two(kept: Kept) -> bool:
    return "multi-az" in kept.choice.design


def _instance(
    site: Site, part: Part, kept: Kept, name: str, shown: str, why: str, master: Ref | Var | None = None
) -> Resource:
    size, lead = kept.choice.size, master is None
    gib = max(int(float(size.get("storage_gib", kept.store.data))), 10)
    flags = {**FLAGS[kept.kind], **(FOLLOWED[kept.kind] if _copied_to_another_cloud(site) and lead else {})}
    inside: dict[str, Any] = {
        "tier": kept.choice.offer,
        "edition": "ENTERPRISE",
        "availability_type": "REGIONAL" if _two(kept) and lead else "ZONAL",
        "disk_type": "PD_SSD",
        "disk_size": gib,
        "disk_autoresize": True,
        "disk_autoresize_limit": 2 * gib,
        "deletion_protection_enabled": True,
        "retain_backups_on_delete": lead,
        "user_labels": {**site.tags, **part.labels},
        "ip_configuration": Block(
            {"ipv4_enabled": False, "private_network": network(site), "ssl_mode": "ENCRYPTED_ONLY"}
        ),
        "database_flags": [Block({"name": flag, "value": value}) for flag, value in flags.items()],
        "insights_config": Block(
            {"query_insights_enabled": True, "record_application_tags": False, "record_client_address": False}
        ),
        "location_preference": Block({"zone": Var("zones", 0), **_other_zone(site, kept, lead)}),
    }
    if lead:
        inside["backup_configuration"] = _backup(site, kept)
        inside["final_backup_config"] = Block({"enabled": True, "retention_days": 30})
        inside["maintenance_window"] = Block({"day": 7, "hour": 3, "update_track": "stable"})
    settings: dict[str, Any] = {
        "name": shown,
        "region": site.region,
        "database_version": f"{kept.kind.upper()}_{_written(kept)}",
        "encryption_key_name": DATA_KEY,
        "deletion_protection": True,
    }
    if not lead:
        settings["master_instance_name"] = master
    settings["settings"] = Block(inside)
    needs = (*private(site), opens("databases"))
    lifecycle = {"ignore_changes": ["settings[0].disk_size"]}  # which grows by itself
    return part.make(
        "google_sql_database_instance", name, settings, why, lifecycle=lifecycle, depends_on=needs
    )  # fmt: skip


def _other_zone(site: Site, kept: Kept, lead: bool) -> dict[str, Any]:
    return {"secondary_zone": Var("zones", 1)} if _two(kept) and lead and len(site.zone_names) > 1 else {}


def _copied_to_another_cloud(site: Site) -> bool:
    """Whether a database of another cloud follows this one, by the engine's own replication."""
    behind = site.plan.standby
    return bool(behind and behind.cloud != "gcp")


def _backup(site: Site, kept: Kept) -> Block:
    days = max(int(kept.choice.size.get("retention_days", 7)), 1)
    longest = max(site.size("backup", f"{one}_days", 0) for one in ("daily", "weekly", "monthly", "yearly"))
    copies = min(max(days, longest), COPIES)
    log = "binary_log_enabled" if kept.kind == "mysql" else "point_in_time_recovery_enabled"
    return Block(
        {
            "enabled": True,
            "start_time": "02:00",
            "location": site.apart,
            log: True,
            "transaction_log_retention_days": min(days, LOG_DAYS),
            "backup_retention_settings": Block({"retained_backups": copies, "retention_unit": "COUNT"}),
        }
    )


def _cache(site: Site, part: Part, kept: Kept) -> Resource:
    wide = kept.choice.count > 1
    every = max((hours for hours in PERIODS if hours <= site.size("backup", "interval_hours", 24)), default=1)
    begin = Block({"hours": 3, "minutes": 0, "seconds": 0, "nanos": 0})
    settings: dict[str, Any] = {
        "name": site.name(kept.name, limit=40),
        "region": site.region,
        "display_name": f"{kept.name} of {site.system.name}",
        "tier": "STANDARD_HA" if wide else "BASIC",
        "memory_size_gb": max(1, int(float(kept.choice.size.get("memory_gib", kept.store.memory)))),
        "redis_version": f"REDIS_{_written(kept)}",
        "location_id": Var("zones", 0),
        **({"alternative_location_id": Var("zones", 1)} if wide and len(site.zone_names) > 1 else {}),
        "authorized_network": network(site),
        "connect_mode": "PRIVATE_SERVICE_ACCESS",
        "auth_enabled": True,
        "transit_encryption_mode": "SERVER_AUTHENTICATION",
        "customer_managed_key": DATA_KEY,
        "deletion_protection": True,
        "persistence_config": Block({"persistence_mode": "RDB", "rdb_snapshot_period": PERIODS[every]}),
        "maintenance_policy": Block({"weekly_maintenance_window": Block({"day": "SUNDAY", "start_time": begin})}),
    }
    how = f"{several(kept.choice.count, 'node')} over {several(max(kept.choice.zones, 1), 'zone')}"
    why = f"{kept.name} in Redis, {how}, {reason(kept.choice)}"
    needs = (*private(site), opens("caches"))
    return part.make("google_redis_instance", kept.id, settings, why, depends_on=needs)
