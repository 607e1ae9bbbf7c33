"""Data stays where the spec says.

*Looks at*: the region of everything that holds data, its copies too, against `rules.residency` and `rules.regions`;
what content delivery keeps near users is not looked at
*Why*: where data may be is law, not taste
*Fix*: plan again with the residency of the spec, and move what lies outside
*Source*: GDPR, articles 44 to 49; countries of regions from the catalog
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged, unknown
from standfast.audit.reading import UNKNOWN, blocks, known
from standfast.blueprint import Resource
from standfast.spec.model import Rules

ID = "residency"
TITLE = "Data stays where the spec says"
SEVERITY = "critical"
KINDS = (
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

FIX = "plan again with the residency of the spec, and move it there"


def check(estate: Estate) -> Iterator[Finding]:
    rules = estate.system.rules if estate.system else None
    if rules is None or (rules.residency == "any" and not rules.regions):
        return
    wanted = rules.residency if rules.residency != "any" else ", ".join(rules.regions)
    for one in estate.of(*KINDS):
        for region in _regions(estate, one):
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


def _of_arn(arn: object) -> str:
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[3] if len(parts) > 4 else ""


def _inside(region: str, rules: Rules) -> bool | None:
    found = _countries().get(region)
    if found is None:
        return None
    place = rules.residency.lower()
    somewhere = {"any": True, "eu": found["eu"] == "yes", "eea": found["eea"] == "yes"}
    named = not rules.regions or region in rules.regions
    return named and somewhere.get(place, place in (found["country"].lower(), found["continent"].lower()))


@cache
def _countries() -> dict[str, dict[str, str]]:
    """The catalog's table of regions, read without what the rest of the catalog needs."""
    text = files("standfast").joinpath("clouds/data/aws/regions.csv").read_text(encoding="utf-8")
    return {row["region"]: row for row in csv.DictReader(text.splitlines())}
