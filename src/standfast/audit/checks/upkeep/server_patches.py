"""Servers take fixes by themselves.

*Looks at*: how servers get the fixes of their system
*Why*: holes are used within days of being known
*Fix*: set patch_mode = AutomaticByPlatform; roll a new image out for groups of servers
*Source*: Azure Update Manager docs, "Automatic VM guest patching"; azurerm provider, azurerm_linux_virtual_machine:
by its image where nothing is said; AWS provider, aws_elastic_beanstalk_environment
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, none_of

ID = "server-patches"
TITLE = "Servers take fixes by themselves"
SEVERITY = "high"


TABLE = {
    "azurerm_linux_virtual_machine": Setting("patch_mode", "AutomaticByPlatform"),
    "azurerm_windows_virtual_machine": Setting(
        "patch_mode", ("AutomaticByPlatform", "AutomaticByOS"), unset="AutomaticByOS"
    ),
    "google_os_config_patch_deployment": Setting(
        "patch_config.reboot_config", none_of("NEVER"), unset="DEFAULT", fix="set patch_config.reboot_config = DEFAULT"
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it takes fixes by itself", "nobody brings it fixes")
