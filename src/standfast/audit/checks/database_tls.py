"""Databases refuse connections without TLS.

*Looks at*: the parameter that forces TLS in the parameter group of each database
*Why*: passwords and rows cross the network here
*Fix*: set rds.force_ssl = 1 (PostgreSQL) or require_secure_transport = ON (MySQL)
*Source*: AWS Foundational Security Best Practices, RDS.27 for clusters; the same idea for instances
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "database-tls",
    "Databases refuse connections without TLS",
    "high",
    ("aws_db_instance",),
    "set rds.force_ssl = 1 (PostgreSQL) or require_secure_transport = ON (MySQL)",
)
FORCED = {"rds.force_ssl": ("1",), "require_secure_transport": ("1", "on")}


def check(estate: Estate) -> Iterator[Finding]:
    groups = {one.address: one for one in estate.of("aws_db_parameter_group")}
    for database in estate.of(*CHECK.kinds):
        found = [groups[name] for name in estate.targets(database, "parameter_group_name") if name in groups]
        forced = any(_forces(estate, group) for group in found)
        yield estate.finding(CHECK, database, "" if forced else "it accepts connections without TLS")


def _forces(estate: Estate, group) -> bool:
    names, values = estate.values(group, "parameter.name"), estate.values(group, "parameter.value")
    return any(str(value).lower() in FORCED.get(name, ()) for name, value in zip(names, values, strict=False))
