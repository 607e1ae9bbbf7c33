"""Databases know people from the directory, not by password.

*Looks at*: whether database servers take people from the directory only
*Why*: a password of a database is shared, and stays when people leave
*Fix*: turn authentication by the directory on, for SQL Server only
*Source*: Microsoft cloud security benchmark v1, IM-1; azurerm provider, azurerm_mssql_server: passwords are taken
where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "database-by-directory"
TITLE = "Databases know people from the directory, not by password"
SEVERITY = "medium"


TABLE = {
    "azurerm_mssql_server": Setting("azuread_administrator.azuread_authentication_only", True),
    "azurerm_synapse_workspace": Setting("azuread_authentication_only", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it asks the directory", "it takes passwords")
