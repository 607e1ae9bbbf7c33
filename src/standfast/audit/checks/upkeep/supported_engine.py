"""Databases run a version that still gets fixes.

*Looks at*: the major version of PostgreSQL and MySQL
*Why*: nobody fixes an old version any more
*Fix*: move to PostgreSQL 14, MySQL 8.0, or newer
*Source*: PostgreSQL versioning policy (13 ended 2025-11-13); MySQL support lifecycle (5.7 ended 2023-10-31; providers
keep 8.0 longer)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import UNKNOWN, known
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "supported-engine"
TITLE = "Databases run a version that still gets fixes"
SEVERITY = "high"


OLDEST = {"postgres": 14, "mysql": 8}
ENGINES = {"azurerm_postgresql_flexible_server": "postgres", "azurerm_mysql_flexible_server": "mysql"}
NUMBER = re.compile(r"\d+")


def _engine(one: Resource) -> bool | None:
    """Whether it is an engine of the table; a replica has the version of its source."""
    if one.kind in ENGINES or one.kind.startswith("google_"):
        return known(one, "version", known(one, "database_version")) is not None
    said = known(one, "engine", "")
    if said is UNKNOWN:
        return None
    return "postgres" in said or "mysql" in said if known(one, "engine_version") is not None else False


def _supported(value: object) -> bool | None:
    """`16.2`, `8.0.mysql_aurora.3.05`, `POSTGRES_16`, `MYSQL_8_0`. A number alone: 9 to 13 are old PostgreSQL."""
    text = str(value).lower()
    found = NUMBER.search(text)
    if found is None or text.startswith("sqlserver"):
        return None if found is None else True
    number = int(found[0])
    if text.startswith("postgres") or number >= 9:
        return number >= OLDEST["postgres"]
    return number >= OLDEST["mysql"]


TABLE = {
    "aws_db_instance": Setting("engine_version", _supported, fix="move to a version that gets fixes", when=_engine),
    "aws_rds_cluster": Setting("engine_version", _supported, fix="move to a version that gets fixes", when=_engine),
    "azurerm_postgresql_flexible_server": Setting(
        "version", _supported, fix="move to a version that gets fixes", when=_engine
    ),
    "azurerm_mysql_flexible_server": Setting(
        "version", _supported, fix="move to a version that gets fixes", when=_engine
    ),
    "google_sql_database_instance": Setting(
        "database_version", _supported, fix="move to a version that gets fixes", when=_engine
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its version gets fixes", "its version gets no fixes any more")
