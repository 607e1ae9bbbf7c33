"""Databases are not reached from the internet.

*Looks at*: `publicly_accessible`, and the routes of the subnets that databases and caches stand in; public network
access of the managed databases and caches of Azure, the public address of Cloud SQL
*Why*: a database with a public address is found and tried within minutes
*Fix*: set publicly_accessible = false, and use subnets without a route to an internet gateway
*Source*: AWS Foundational Security Best Practices, RDS.2 and EC2.9; CIS Google Cloud Platform Foundation Benchmark
3.0, 6.6; Microsoft cloud security benchmark v1, NS-2; azurerm and google providers: all of them are public where
nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reach.routes import public_subnets
from standfast.audit.reading import all_hold, flag
from standfast.audit.table import OneOf, Setting, judge, written
from standfast.blueprint import Resource

ID = "database-private"
TITLE = "Databases are not reached from the internet"
SEVERITY = "critical"
AWS = ("aws_db_instance", "aws_rds_cluster", "aws_elasticache_replication_group")

FIX = "set publicly_accessible = false, and use subnets without a route to an internet gateway"
GROUPS = {
    "aws_db_instance": ("db_subnet_group_name", "aws_db_subnet_group"),
    "aws_rds_cluster": ("db_subnet_group_name", "aws_db_subnet_group"),
    "aws_elasticache_replication_group": ("subnet_group_name", "aws_elasticache_subnet_group"),
}


TABLE = {
    "azurerm_postgresql_flexible_server": OneOf(
        (Setting("public_network_access_enabled", False), Setting("delegated_subnet_id", written))
    ),
    "azurerm_mysql_flexible_server": OneOf(
        (
            Setting("public_network_access", "Disabled"),
            Setting("delegated_subnet_id", written),
        )
    ),
    "azurerm_mssql_server": Setting("public_network_access_enabled", False),
    "azurerm_cosmosdb_account": Setting("public_network_access_enabled", False),
    "azurerm_redis_cache": Setting("public_network_access_enabled", False),
    "azurerm_managed_redis": Setting("public_network_access", "Disabled"),
    "google_sql_database_instance": Setting("settings.ip_configuration.ipv4_enabled", False),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "it has no public address", "it has a public address")
    public = public_subnets(estate)
    for one in estate.of(*AWS):
        shown = flag(one, "publicly_accessible")
        hidden = None if shown is None else not shown
        apart = all_hold(subnet.address not in public for subnet in _subnets(estate, one))
        bad = "it has a public address" if hidden is False else "it stands in a subnet that the internet reaches"
        yield judged(one, all_hold((hidden, apart)), "it has no public address and no route to the internet", bad, FIX)


def _subnets(estate: Estate, one: Resource) -> list[Resource]:
    path, kind = GROUPS[one.kind]
    groups = estate.targets(one, path, kind)
    return [subnet for group in groups for subnet in estate.targets(group, "subnet_ids", "aws_subnet")]
