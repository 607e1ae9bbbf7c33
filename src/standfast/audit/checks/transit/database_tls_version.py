"""Databases speak TLS 1.2 or newer.

*Looks at*: the oldest version of TLS that a managed database takes
*Why*: old versions of TLS can be opened
*Fix*: set the oldest version to TLS 1.2
*Source*: Microsoft cloud security benchmark v1, DP-3; NIST SP 800-52 rev 2; azurerm provider, azurerm_mssql_server
and azurerm_cosmosdb_account: 1.2 where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import is_one_of, known
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "database-tls-version"
TITLE = "Databases speak TLS 1.2 or newer"
SEVERITY = "high"


def _names_tls(one: Resource) -> bool | None:
    return is_one_of(known(one, "name"), "ssl_min_protocol_version", "tls_version")


def _new(value: object) -> bool:
    return set(str(value).replace(" ", "").split(",")) <= {"TLSv1.2", "TLSv1.3"}


TABLE = {
    "azurerm_mssql_server": Setting("minimum_tls_version", "1.2", unset="1.2"),
    "azurerm_cosmosdb_account": Setting("minimal_tls_version", "Tls12", unset="Tls12"),
    "azurerm_postgresql_flexible_server_configuration": Setting("value", ("TLSv1.2", "TLSv1.3"), when=_names_tls),
    "azurerm_mysql_flexible_server_configuration": Setting(
        "value", _new, when=_names_tls, fix="set value = TLSv1.2,TLSv1.3"
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it speaks TLS 1.2 or newer only", "it speaks old TLS")
