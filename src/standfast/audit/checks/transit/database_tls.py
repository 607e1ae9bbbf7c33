"""Databases refuse connections without TLS.

*Looks at*: the parameter that forces TLS in the parameter group of each database, or the engine's default; the
parameter require_secure_transport of flexible servers (Azure), `ssl_mode` of Cloud SQL
*Why*: passwords and rows cross the network here
*Fix*: set rds.force_ssl = 1 (PostgreSQL) or require_secure_transport = 1 (MySQL) in its parameter group
*Source*: Amazon RDS User Guide, "Requiring an SSL/TLS connection to a PostgreSQL DB instance" (on by default from
version 15) and "Requiring SSL/TLS for all connections to a MySQL DB instance"; azurerm provider,
azurerm_postgresql_flexible_server_configuration: on where nothing is said (Azure docs, "Networking with TLS"); google
provider, google_sql_database_instance: plain connections are taken where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged, unknown
from standfast.audit.reading import UNKNOWN, all_hold, any_holds, blocks, is_one_of, known
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "database-tls"
TITLE = "Databases refuse connections without TLS"
SEVERITY = "high"
AWS = ("aws_db_instance", "aws_rds_cluster")
TABLE = {
    "google_sql_database_instance": Setting(
        "settings.ip_configuration.ssl_mode", ("ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED")
    ),
}
FLEXIBLE = {  # kind -> its parameters, and how they name their server
    "azurerm_postgresql_flexible_server": ("azurerm_postgresql_flexible_server_configuration", "server_id"),
    "azurerm_mysql_flexible_server": ("azurerm_mysql_flexible_server_configuration", "server_name"),
}
KINDS = (*AWS, *TABLE, *FLEXIBLE)

FORCE = {"postgres": "rds.force_ssl", "sqlserver": "rds.force_ssl", "mysql": "require_secure_transport"}
FORCE["mariadb"] = FORCE["mysql"]
ON = ("1", 1, "on", "ON", "true", "TRUE", True)
GROUPS = {
    "aws_db_instance": ("parameter_group_name", "aws_db_parameter_group"),
    "aws_rds_cluster": ("db_cluster_parameter_group_name", "aws_rds_cluster_parameter_group"),
}


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "it refuses plain connections", "it accepts plain connections")
    yield from _azure(estate)
    for one in estate.of(*AWS):
        engine = _engine(estate, one).removeprefix("aurora-").replace("postgresql", "postgres")
        name = next((name for known_engine, name in FORCE.items() if engine.startswith(known_engine)), "")
        if not name:
            yield unknown(one, f"how {engine or 'its engine'} is made to refuse plain connections is not known here")
            continue
        fix = f"set {name} = 1 in its parameter group"
        yield judged(
            one, _forced(estate, one, engine, name), "it refuses plain connections", "it accepts plain connections", fix
        )


def _azure(estate: Estate) -> Iterator[Finding]:
    """On where nothing is said; a parameter of which the server is not known yet might turn it off."""
    name, fix = "require_secure_transport", "set require_secure_transport = on"
    for kind, (parameters, path) in FLEXIBLE.items():
        for one in estate.of(kind):
            said = [each for each in estate.linked(parameters, path, one) if known(each, "name") in (name, UNKNOWN)]
            forced = all_hold(is_one_of(known(each, "value", "on"), *ON) for each in said)
            if not said and estate.absent(parameters, path) is None:
                forced = None
            yield judged(one, forced, "it refuses plain connections", "it accepts plain connections", fix)


def _engine(estate: Estate, one: Resource) -> str:
    """What the resource says; a replica takes it from its source, and its parameter group names the family."""
    said = known(one, "engine", "")
    if isinstance(said, str) and said:
        return said
    path, kind = GROUPS[one.kind]
    return next((str(known(group, "family", "")) for group in estate.targets(one, path, kind)), "")


def _forced(estate: Estate, one: Resource, engine: str, name: str) -> bool | None:
    path, kind = GROUPS[one.kind]
    parameters = [each for group in estate.targets(one, path, kind) for each in blocks(group, "parameter")]
    if UNKNOWN in parameters:
        return None
    said = [known(each, "value") for each in parameters if known(each, "name") == name]
    if said:
        return any_holds(is_one_of(value, *ON) for value in said)
    if known(one, path) is UNKNOWN and not estate.targets(one, path, kind):
        return None
    version = str(known(one, "engine_version", "")).partition(".")[0]
    return engine == "postgres" and version.isdecimal() and int(version) >= 15
