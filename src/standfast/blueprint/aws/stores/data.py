"""Databases and caches: in the isolated subnets, encrypted, and reached over TLS only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.keys import DATA_KEY, LOGS_KEY, USER, password, token
from standfast.blueprint.aws.net.firewall import group
from standfast.blueprint.aws.net.network import subnets
from standfast.blueprint.aws.policy import OWN_ACCOUNT, assumed_by
from standfast.blueprint.aws.site import PORTS, Kept, Part, Site, reason, several, shortened
from standfast.blueprint.boot import DATABASE
from standfast.blueprint.model import Block, Ref, Resource, Var
from standfast.problem import Problem

# Engine versions where neither plan nor spec names one: what AWS gives standard support, as of 2026-11.
NEWEST = {"postgres": "17", "mysql": "8.4", "redis": "7.1"}
FORCE_TLS = {"postgres": "rds.force_ssl", "mysql": "require_secure_transport"}
LOGS = {"postgres": ["postgresql", "upgrade"], "mysql": ["error", "slowquery"]}
PITR_LIMIT = 35  # days that RDS keeps its log at most
FREE_IOPS = 12_000  # that gp3 comes with from 400 GiB on; below it has 3,000 that cannot be changed (RDS guide)
LARGE = 400
BURSTABLE = "cache.t"
COPIES = "aws_elasticache_global_replication_group"
# Classes on which Performance Insights is not offered for MySQL (RDS guide, "Supported engines").
TOO_SMALL_FOR_MYSQL_INSIGHTS = ("micro", "small")


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("data", "data")
    if site.databases:
        private = {"name": site.name(), "subnet_ids": subnets("data", site.zones)}
        yield part.make("aws_db_subnet_group", "main", private, tag=site.name())
        yield from _monitoring(site, part)
    for kept in site.databases:
        yield from _database(site, site.part(kept.name, "data", kept.store.place), kept)
    if site.caches:
        private = {"name": site.name(), "subnet_ids": subnets("data", site.zones)}
        yield part.make("aws_elasticache_subnet_group", "main", private, tag=site.name())
    for kept in site.caches:
        yield from _cache(site, site.part(kept.name, "data", kept.store.place), kept)


def problems(site: Site) -> Iterator[Problem]:
    """What a plan says of a cache and its standby that cannot be: plans of other versions, or changed by hand."""
    for kept in site.caches if site.other else ():
        what = f"what {kept.name} holds cannot be copied to the standby"
        if kept.name in site.system.essential and not site.copied(kept):
            why = "ElastiCache copies it to a warm standby alone: one side is written to, and a person says which"
            fix = "plan again; or keep it in a database, or write essential: false"
            yield Problem(what, why, fix, kept.store.place)
        elif site.copied(kept) and kept.choice.offer.startswith(BURSTABLE):
            why = f"a Global Datastore takes no burstable nodes, as {kept.choice.offer} is"
            yield Problem(what, why, "plan again", kept.store.place)


def version(kept: Kept) -> str:
    return str(kept.choice.size.get("engine_version") or kept.store.version or NEWEST[kept.kind])


def _monitoring(site: Site, part: Part) -> Iterator[Resource]:
    name = site.name("rds-monitoring")
    trust = assumed_by("monitoring.rds.amazonaws.com", OWN_ACCOUNT)
    why = "Lets RDS write what the machines under the databases do."
    yield part.make("aws_iam_role", "rds_monitoring", {"name": name, "assume_role_policy": trust}, why, tag=name)
    policy = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    settings = {"role": Ref("aws_iam_role.rds_monitoring", "name"), "policy_arn": policy}
    yield part.make("aws_iam_role_policy_attachment", "rds_monitoring", settings)


def _database(site: Site, part: Part, kept: Kept) -> Iterator[Resource]:
    """The database, what governs it, and its read replicas. At a standby that follows, it is a replica itself."""
    yield _parameters(site, part, kept)
    name = shortened(f"{site.own}-{kept.name}", 63)
    yield from _logs(site, part, kept, kept.id, name)
    how = "on two machines in two zones" if _doubled(kept) else "on one machine"
    why = f"{kept.name} in {kept.kind} {how}, {reason(kept.choice)}"
    if site.follows:
        when = "It is promoted" if site.writes_there(kept) else "Promote it"
        why = f"{kept.name}, replicated from the first region, which it does not wait for. {when} when that is lost."
    yield _instance(site, part, kept, kept.id, name, _leads(site, kept, name), why)
    for number in range(1, site.replicas(kept) + 1):
        name = shortened(f"{site.own}-{kept.name}-read-{number}", 63)
        yield from _logs(site, part, kept, _replica(kept, number), name)
        follows = {"replicate_source_db": Ref(f"aws_db_instance.{kept.id}", "identifier"), "skip_final_snapshot": True}
        why = f"{several(site.replicas(kept), 'copy')} for reads that may be seconds old." if number == 1 else ""
        yield _instance(site, part, kept, _replica(kept, number), name, follows, why)


def _replica(kept: Kept, number: int) -> str:
    return f"{kept.id}_read_{number}"


def readers(site: Site, kept: Kept) -> list[str]:
    """Addresses of a database's read replicas."""
    return [f"aws_db_instance.{_replica(kept, number)}" for number in range(1, site.replicas(kept) + 1)]


def _parameters(site: Site, part: Part, kept: Kept) -> Resource:
    family = f"{kept.kind}{_major(kept)}"
    name = shortened(f"{site.own}-{kept.name}-{family.replace('.', '-')}", 255)
    parameters = [Block({"name": FORCE_TLS[kept.kind], "value": "1"})]
    why = "Connections without TLS are refused."
    if site.elsewhere and kept.kind == "postgres":
        parameters.append(Block({"name": "rds.logical_replication", "value": "1", "apply_method": "pending-reboot"}))
        why += " The standby on another cloud follows by logical replication."
    settings = {"name": name, "family": family, "parameter": parameters}
    return part.make(
        "aws_db_parameter_group", kept.id, settings, why, tag=name, lifecycle={"create_before_destroy": True}
    )


def _logs(site: Site, part: Part, kept: Kept, id: str, name: str) -> Iterator[Resource]:
    """RDS would make these groups itself, without a key or an end."""
    for log in LOGS[kept.kind]:
        where = {"name": f"/aws/rds/instance/{name}/{log}", "retention_in_days": site.log_days, "kms_key_id": LOGS_KEY}
        yield part.make("aws_cloudwatch_log_group", f"{id}_{log}", where, tag=f"{name}-{log}")


def _doubled(kept: Kept) -> bool:
    return "multi-az" in kept.choice.design


def _leads(site: Site, kept: Kept, name: str) -> dict[str, Any]:
    """What a database has that its replicas take from it; of one that follows another region's, what that is."""
    if site.follows:
        source: dict[str, Any] = {"replicate_source_db": Var(f"{kept.id}_arn")}
    else:
        source = {"engine": kept.kind, "engine_version": version(kept), "db_name": DATABASE, "username": USER}
        if site.given(kept):
            source["password"] = password(kept)
        else:
            source |= {"manage_master_user_password": True, "master_user_secret_kms_key_id": DATA_KEY}
        source["allocated_storage"] = _gib(kept)
    last = {"skip_final_snapshot": False, "final_snapshot_identifier": f"{name}-final"}
    return {
        **source,
        "db_subnet_group_name": Ref("aws_db_subnet_group.main", "name"),
        "backup_retention_period": min(max(int(kept.choice.size.get("retention_days", 7)), 1), PITR_LIMIT),
        "backup_window": "02:00-03:00",
        "delete_automated_backups": False,
        **({"skip_final_snapshot": True} if site.follows else last),  # AWS takes none of a replica
    }


def _instance(site: Site, part: Part, kept: Kept, id: str, name: str, own: dict[str, Any], why: str) -> Resource:
    settings: dict[str, Any] = {
        "identifier": name,
        **own,
        "instance_class": kept.choice.offer,
        "port": PORTS[kept.kind],
        "iam_database_authentication_enabled": True,
        "multi_az": _doubled(kept) and id == kept.id,
        "vpc_security_group_ids": [group(kept.id)],
        "publicly_accessible": False,
        "parameter_group_name": Ref(f"aws_db_parameter_group.{kept.id}", "name"),
        **_storage(kept),
        "storage_encrypted": True,
        "kms_key_id": DATA_KEY,
        "maintenance_window": "sun:03:30-sun:04:30",
        "copy_tags_to_snapshot": True,
        "deletion_protection": True,
        "auto_minor_version_upgrade": True,
        "enabled_cloudwatch_logs_exports": LOGS[kept.kind],
        "monitoring_interval": 60,
        "monitoring_role_arn": Ref("aws_iam_role.rds_monitoring", "arn"),
        **_insights(kept),
    }
    # RDS asks the role for its rights at once
    needs = (
        *(f"aws_cloudwatch_log_group.{id}_{log}" for log in LOGS[kept.kind]),
        "aws_iam_role_policy_attachment.rds_monitoring",
    )
    # once it is promoted, by no apply of ours, it follows nobody any more
    life = {"ignore_changes": ["replicate_source_db"]} if site.writes_there(kept) and id == kept.id else None
    return part.make("aws_db_instance", id, settings, why, tag=name, depends_on=needs, lifecycle=life)


def _major(kept: Kept) -> str:
    """The part of the version that a parameter group is for: `16` of 16.3, `8.0` of 8.0.36."""
    words = version(kept).split(".")
    return ".".join(words[:2]) if kept.kind == "mysql" else words[0]


def _gib(kept: Kept) -> int:
    return max(int(kept.choice.size.get("storage_gib", kept.store.data)), 20)


def _storage(kept: Kept) -> dict[str, Any]:
    kind, gib = str(kept.choice.size.get("storage_type", "gp3")), _gib(kept)
    iops = int(kept.choice.size.get("iops", 0))
    settings: dict[str, Any] = {"storage_type": kind, "max_allocated_storage": 2 * gib}
    if kind.startswith("io") or (kind == "gp3" and gib >= LARGE and iops > FREE_IOPS):
        settings["iops"] = iops
    return settings


def _insights(kept: Kept) -> dict[str, Any]:
    if kept.kind == "mysql" and kept.choice.offer.endswith(TOO_SMALL_FOR_MYSQL_INSIGHTS):
        return {}
    return {
        "performance_insights_enabled": True,
        "performance_insights_kms_key_id": DATA_KEY,
        "performance_insights_retention_period": 7,
    }


def _cache(site: Site, part: Part, kept: Kept) -> Iterator[Resource]:
    name = shortened(f"{site.own}-{kept.name}", 40)
    where = {"name": f"/{site.name()}/{kept.name}", "retention_in_days": site.log_days, "kms_key_id": LOGS_KEY}
    yield part.make("aws_cloudwatch_log_group", kept.id, where, tag=site.name(kept.name))
    replicas = kept.choice.count > 1
    log = {
        "destination": Ref(f"aws_cloudwatch_log_group.{kept.id}", "name"),
        "destination_type": "cloudwatch-logs",
        "log_format": "json",
    }
    settings = {
        "replication_group_id": name,
        "description": f"{kept.name} of {site.system.name}",
        **_holding(site, kept),
        "num_cache_clusters": kept.choice.count,
        "automatic_failover_enabled": replicas,
        "multi_az_enabled": replicas and kept.choice.zones > 1,
        "port": PORTS["redis"],
        "subnet_group_name": Ref("aws_elasticache_subnet_group.main", "name"),
        "security_group_ids": [group(kept.id)],
        "kms_key_id": DATA_KEY,
        "auth_token": token(kept),
        "snapshot_retention_limit": int(kept.choice.size.get("retention_days", 1)),
        "snapshot_window": "02:00-03:00",
        "maintenance_window": "sun:03:30-sun:04:30",
        "auto_minor_version_upgrade": True,
        "log_delivery_configuration": [Block({**log, "log_type": one}) for one in ("slow-log", "engine-log")],
    }
    how = f"{several(kept.choice.count, 'node')} over {several(max(kept.choice.zones, 1), 'zone')}"
    why = f"{kept.name} in Redis, {how}, {reason(kept.choice)}"
    if site.copied(kept) and site.follows:
        why = f"{kept.name} in Redis, a copy of the first region's. Promote it when that is lost."
    yield part.make("aws_elasticache_replication_group", kept.id, settings, why, tag=name)
    if site.copied(kept) and not site.follows:
        yield _everywhere(site, part, kept)


def _holding(site: Site, kept: Kept) -> dict[str, Any]:
    """What a cache is; a copy is what its source is, and the provider does not let it say so."""
    if site.copied(kept) and site.follows:
        return {"global_replication_group_id": Var(f"{kept.id}_copies")}
    return {
        "engine": "redis",
        "engine_version": version(kept),
        "node_type": kept.choice.offer,
        "at_rest_encryption_enabled": True,
        "transit_encryption_enabled": True,
        "transit_encryption_mode": "required",
    }


def _everywhere(site: Site, part: Part, kept: Kept) -> Resource:
    settings = {
        "global_replication_group_id_suffix": shortened(f"{site.own}-{kept.name}", 40),
        "global_replication_group_description": f"{kept.name} of {site.system.name}, at both sites",
        "primary_replication_group_id": Ref(f"aws_elasticache_replication_group.{kept.id}", "id"),
    }
    why = "What it holds follows to the standby within a second; one of the two is written to."
    life = {"ignore_changes": ["primary_replication_group_id"]}  # after a loss the other leads
    return part.make(COPIES, kept.id, settings, why, lifecycle=life)
