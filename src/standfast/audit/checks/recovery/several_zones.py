"""A lost zone takes nothing essential down for longer than promised.

*Looks at*: over how many zones each part stands, and through which zone its traffic leaves, where the spec promises
recovery from the loss of a zone; what is restored elsewhere within the promise may stand in one zone; high
availability of flexible servers, managed Redis, zones of scale sets and container environments (Azure),
`availability_type` and `tier` of Cloud SQL and Memorystore (Google Cloud)
*Why*: a zone is a data centre, and data centres fail
*Fix*: set multi_az for databases, a replica with automatic failover for caches, subnets in two zones for the rest
*Source*: AWS Foundational Security Best Practices, RDS.5, ElastiCache.3, AutoScaling.1 and ELB.13; the times of
recovery are those of the plan (docs/models.md); Azure docs, "Reliability guides"; Cloud SQL and Memorystore docs,
"High availability"; one zone where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged, unknown
from standfast.audit.reach.routes import nat_zones
from standfast.audit.reading import UNKNOWN, all_hold, flag, items, known, number, raw
from standfast.audit.table import Row, Setting, fix_of, truth, written
from standfast.blueprint import Resource
from standfast.plan.models.recovery import Facts, recover

ID = "several-zones"
TITLE = "A lost zone takes nothing essential down for longer than promised"
SEVERITY = "high"
AWS = (
    "aws_db_instance",
    "aws_elasticache_replication_group",
    "aws_autoscaling_group",
    "aws_ecs_service",
    "aws_lb",
    "aws_nat_gateway",
)
TABLE: dict[str, Row] = {
    "azurerm_postgresql_flexible_server": Setting("high_availability.mode", "ZoneRedundant"),
    "azurerm_mysql_flexible_server": Setting("high_availability.mode", "ZoneRedundant"),
    "azurerm_managed_redis": Setting("high_availability_enabled", True, unset=True),
    "azurerm_container_app_environment": Setting("zone_redundancy_enabled", True),
    "azurerm_linux_virtual_machine_scale_set": Setting("zones", written),
    "google_sql_database_instance": Setting("settings.availability_type", "REGIONAL"),
    "google_redis_instance": Setting("tier", "STANDARD_HA"),
}
COPY = ("create_mode", "master_instance_name")  # of a replica: what is judged is what it copies
KINDS = (*AWS, *TABLE)
SERVERS = (
    ("aws_autoscaling_group", "vpc_zone_identifier"),
    ("aws_ecs_service", "network_configuration.subnets"),
    ("aws_instance", "subnet_id"),
)
SUBNETS = {
    "aws_autoscaling_group": "vpc_zone_identifier",
    "aws_ecs_service": "network_configuration.subnets",
    "aws_lb": "subnets",
}


def check(estate: Estate) -> Iterator[Finding]:
    if estate.system is not None and "zone" not in estate.system.promises.reliability.recovery:
        return
    for kind, row in TABLE.items():
        for one in estate.of(kind):
            if not any(known(one, path) not in (None, "Default") for path in COPY):
                yield _judged(estate, one, truth(estate, one, row), "another zone takes over", fix_of(row))
    for one in estate.of("aws_db_instance"):
        if raw(one, "replicate_source_db"):
            continue  # the copy of one that stands elsewhere: what is judged is that one
        fix = "set multi_az = true"
        yield _judged(estate, one, flag(one, "multi_az"), "a standby in another zone takes over", fix)
    for one in estate.of("aws_elasticache_replication_group"):
        both = all_hold((flag(one, "multi_az_enabled"), flag(one, "automatic_failover_enabled")))
        fix = "set multi_az_enabled and automatic_failover_enabled, with two nodes"
        yield _judged(estate, one, both, "a replica in another zone takes over", fix)
    for one in estate.of(*SUBNETS):
        yield _judged(estate, one, _spread(estate, one), "it stands in several zones", "give it subnets in two zones")
    used = {
        subnet.address
        for kind, path in SERVERS
        for one in estate.of(kind)
        for subnet in estate.targets(one, path, "aws_subnet")
    }
    for subnet, zone, way_out in nat_zones(estate):
        if subnet.address not in used:
            continue  # no server stands there: a balancer needs a second zone, and no way out
        bad = "its way out leads through another zone, and is lost with it"
        fix = "give the zone a NAT gateway of its own"
        yield judged(subnet, zone == way_out, "its way out is in its own zone", bad, fix)


def _judged(estate: Estate, one: Resource, several: bool | None, good: str, fix: str) -> Finding:
    if several is False:
        if estate.system is None:
            said = "it stands in one zone only, and no spec says whether that is enough"
            return unknown(one, said, "audit with the spec of this system")
        if _comes_back(estate, one):
            several, good = True, "it stands in one zone, and is back in another within the promise"
    return judged(one, several, good, "it stands in one zone only, and is not back in time when that is lost", fix)


def _spread(estate: Estate, one: Resource) -> bool | None:
    subnets = estate.targets(one, SUBNETS[one.kind], "aws_subnet")
    zones = {raw(subnet, "availability_zone") for subnet in subnets}
    if len(zones) > 1:
        return True
    return None if UNKNOWN in zones or len(subnets) < len(items(one, SUBNETS[one.kind])) else False


def _comes_back(estate: Estate, one: Resource) -> bool:
    """Whether what stands in one zone is restored elsewhere within the promise, or nobody waits for it."""
    system = estate.system
    wanted = system.promises.reliability.recovery["zone"] if system else None
    if system is None or wanted is None or one.kind == "aws_lb":
        return False
    store = estate.store(one.component)
    if store is not None and not store.essential:
        return True
    found = recover(*_held(estate, one), Facts(data=_gib(one)), "zone")
    pairs = [(wanted.rto, found.rto)]
    if one.kind not in (
        "aws_autoscaling_group",
        "aws_ecs_service",
        "azurerm_container_app_environment",
        "azurerm_linux_virtual_machine_scale_set",
    ):  # how old the backups of its disk may be, backup-against-rpo says
        pairs.append((wanted.rpo, found.rpo))
    return all(declared is None or (value is not None and value <= declared) for declared, value in pairs)


def _gib(one: Resource) -> float:
    """GiB of a database, where each cloud says it."""
    gib = (number(one, path) for path in ("allocated_storage", "storage.size_gb", "settings.disk_size"))
    return next((found for found in gib if found), (number(one, "storage_mb") or 0.0) / 1024)


def _held(estate: Estate, one: Resource) -> tuple[str, str]:
    """Kind and design of what stands in one zone, in the words of the plan's table of recovery."""
    if "postgresql" in one.kind or "mysql" in one.kind or one.kind == "google_sql_database_instance":
        mysql = "mysql" in one.kind or str(known(one, "database_version", "")).startswith("MYSQL")
        return ("mysql" if mysql else "postgres"), "single"
    if one.kind in ("azurerm_managed_redis", "google_redis_instance"):
        return "redis", "single"
    if one.kind == "aws_db_instance":
        return ("mysql" if known(one, "engine") == "mysql" else "postgres"), "single"
    if one.kind == "aws_elasticache_replication_group":
        return "redis", "single"
    services = estate.system.services if estate.system else ()
    stateful = any(service.name == one.component and service.stateful for service in services)
    return "server", "stateful" if stateful else "single"
