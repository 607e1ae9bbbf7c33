"""Code is not uploaded over plain FTP.

*Looks at*: FTP into web apps and functions
*Why*: a password that crosses the internet in plain words opens the app
*Fix*: set ftps_state = Disabled
*Source*: Azure App Service docs, "Deploy by FTP"; azurerm provider, azurerm_linux_web_app: Disabled where nothing is
said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "no-plain-ftp"
TITLE = "Code is not uploaded over plain FTP"
SEVERITY = "medium"


TABLE = {
    "azurerm_linux_web_app": Setting("site_config.ftps_state", ("Disabled", "FtpsOnly"), unset="Disabled"),
    "azurerm_windows_web_app": Setting("site_config.ftps_state", ("Disabled", "FtpsOnly"), unset="Disabled"),
    "azurerm_linux_function_app": Setting("site_config.ftps_state", ("Disabled", "FtpsOnly"), unset="Disabled"),
    "azurerm_windows_function_app": Setting("site_config.ftps_state", ("Disabled", "FtpsOnly"), unset="Disabled"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "plain FTP is refused", "plain FTP is answered")
