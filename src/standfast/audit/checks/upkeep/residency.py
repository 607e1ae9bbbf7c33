"""Data stays where the spec says.

*Looks at*: the region of everything that holds data, its copies too, against `rules.residency` and `rules.regions`;
what content delivery keeps near users is not looked at; on Azure the location, also that of the pair a geo-redundant
account copies to, on Google Cloud the region or location
*Why*: where data may be is law, not taste
*Fix*: plan again with the residency of the spec, and move what lies outside
*Source*: GDPR, articles 44 to 49; countries of regions from the catalog; azurerm provider, azurerm_storage_account,
and Azure docs, "Cross-region replication"; Cloud Storage docs, "Bucket locations"
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged, unknown
from standfast.audit.reading import LATER, UNKNOWN, Unknown, blocks, known
from standfast.audit.table import leaves
from standfast.blueprint import Resource
from standfast.spec.model import Rules

ID = "residency"
TITLE = "Data stays where the spec says"
SEVERITY = "critical"
AWS = (
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_s3_bucket",
    "aws_elasticache_replication_group",
    "aws_ebs_volume",
    "aws_backup_vault",
    "aws_cloudwatch_log_group",
    "aws_secretsmanager_secret",
    "aws_backup_plan",
)
OTHERS = {  # kind -> where it says where it lies
    "azurerm_postgresql_flexible_server": "location",
    "azurerm_mysql_flexible_server": "location",
    "azurerm_mssql_server": "location",
    "azurerm_cosmosdb_account": "location",
    "azurerm_managed_redis": "location",
    "azurerm_redis_cache": "location",
    "azurerm_storage_account": "location",
    "azurerm_managed_disk": "location",
    "azurerm_data_protection_backup_vault": "location",
    "azurerm_recovery_services_vault": "location",
    "azurerm_log_analytics_workspace": "location",
    "azurerm_key_vault": "location",
    "google_sql_database_instance": "region",
    "google_storage_bucket": "location",
    "google_redis_instance": "region",
    "google_compute_disk": "zone",
    "google_logging_project_bucket_config": "location",
    "google_secret_manager_secret": "replication.user_managed.replicas.location",
    "google_bigquery_dataset": "location",
}
COPIES = ("GRS", "RAGRS", "GZRS", "RAGZRS")  # to a region that Azure pairs with the own one
KINDS = (*AWS, *OTHERS)
# Multi-regions of Google Cloud: their data stays in the member states of the Union.
GOOGLES = {"eu": {"eu": "yes", "eea": "yes", "country": "", "continent": "Europe"}}

FIX = "plan again with the residency of the spec, and move it there"


def check(estate: Estate) -> Iterator[Finding]:
    rules = estate.system.rules if estate.system else None
    if rules is None or (rules.residency == "any" and not rules.regions):
        return
    wanted = rules.residency if rules.residency != "any" else ", ".join(rules.regions)
    for one in estate.of(*KINDS):
        regions = _regions(estate, one) if one.kind in AWS else _written_elsewhere(estate, one)
        for region in regions:
            inside = _inside(region, rules) if region else None
            if inside is None:
                yield unknown(one, f"where it lies cannot be told: {region or 'no region is known'}")
            else:
                yield judged(one, inside, f"it lies in {region}", f"it lies in {region}, outside {wanted}", FIX)


def _regions(estate: Estate, one: Resource) -> Iterator[str]:
    """From the ARN of what is deployed, else the alias of its provider, else the plan's region."""
    if one.kind != "aws_backup_plan":
        yield _of_arn(known(one, "arn")) or _written(one) or estate.region
        return
    for rule in blocks(one, "rule"):
        for copy in blocks(rule, "copy_action"):
            arn = known(copy, "destination_vault_arn")
            vault = estate.target(arn, "aws_backup_vault")
            yield "" if arn is UNKNOWN and vault is None else _of_arn(arn) or (vault.provider if vault else "")


def _written(one: Resource) -> str:
    """What the resource itself says, or the alias of the provider that makes it: `us_east_1`."""
    said = known(one, "region", "")
    return one.provider.replace("_", "-") if said is UNKNOWN or not said else str(said)


def _written_elsewhere(estate: Estate, one: Resource) -> Iterator[str]:
    """Where it says it lies; a location that is a reference is that of its group. A secret without replicas of its own
    lies wherever Google puts it."""
    for value in leaves(one, OTHERS[one.kind]):
        group = estate.target(value, "azurerm_resource_group")
        said = known(group, "location") if group is not None else value
        if isinstance(said, LATER):
            yield estate.region if estate.planned and not isinstance(said, Unknown) else ""
        elif said is None:
            yield "" if one.kind == "google_secret_manager_secret" else estate.region
        else:
            place = str(said).lower().replace(" ", "")
            yield place.rpartition("-")[0] if OTHERS[one.kind] == "zone" else place
    if one.kind == "azurerm_storage_account" and str(known(one, "account_replication_type", "")).upper() in COPIES:
        yield ""  # which region is its pair stands in no resource


def _of_arn(arn: object) -> str:
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[3] if len(parts) > 4 else ""


def _inside(region: str, rules: Rules) -> bool | None:
    found = _countries().get(region) or GOOGLES.get(region)
    if found is None:
        return None
    place = rules.residency.lower()
    somewhere = {"any": True, "eu": found["eu"] == "yes", "eea": found["eea"] == "yes"}
    named = not rules.regions or region in rules.regions
    return named and somewhere.get(place, place in (found["country"].lower(), found["continent"].lower()))


@cache
def _countries() -> dict[str, dict[str, str]]:
    """The catalog's tables of regions, read without what the rest of the catalog needs."""
    found = {}
    for cloud in ("aws", "azure", "gcp"):
        text = files("standfast").joinpath(f"clouds/data/{cloud}/regions.csv").read_text(encoding="utf-8")
        found.update({row["region"]: row for row in csv.DictReader(text.splitlines())})
    return found
