"""Data stays where the spec says.

*Looks at*: the region of everything that holds data, against `rules.residency`
*Why*: where data may be is law, not taste
*Fix*: plan again with the residency of the spec, and move what lies outside
*Source*: GDPR articles 44 to 49
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "residency",
    "Data stays where the spec says",
    "critical",
    ("aws_db_instance", "aws_s3_bucket", "aws_elasticache_replication_group"),
    "plan again with the residency of the spec, and move what lies outside",
)


def check(estate: Estate) -> Iterator[Finding]:
    wanted = estate.system.rules.residency
    if wanted == "any":
        return
    from standfast.clouds import load_catalog

    regions = {region.name: region for region in load_catalog("aws").regions()}
    for one in estate.of(*CHECK.kinds):
        name = _region(estate, one)
        region = regions.get(name)
        if region is None:
            yield estate.finding(CHECK, one, unknown=True)
            continue
        inside = {"EU": region.eu, "EEA": region.eea}.get(wanted.upper(), wanted.lower() in _places(region))
        yield estate.finding(CHECK, one, "" if inside else f"it lies in {name}, outside {wanted}")


def _places(region) -> tuple[str, str]:
    return region.country.lower(), region.continent.lower()


def _region(estate: Estate, one) -> str:
    """From the ARN of what is deployed; the plan's region for what is planned."""
    arn = estate.value(one, "arn")
    named = estate.value(one, "region")
    if isinstance(arn, str) and arn.count(":") > 3 and arn.split(":")[3]:
        return arn.split(":")[3]
    return named if isinstance(named, str) else estate.region
