"""Servers are entered by key, or by who somebody is.

*Looks at*: passwords for administrators of servers, and keys for the whole project
*Why*: passwords are tried all day; a key for the project opens every server
*Fix*: set disable_password_authentication = true; set enable-oslogin = TRUE
*Source*: Microsoft cloud security benchmark v1, IM-6; CIS Google Cloud Platform Foundation Benchmark 3.0, 4.3 and
4.4; azurerm provider: passwords are refused where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import OneOf, Setting, judge

ID = "no-passwords-on-servers"
TITLE = "Servers are entered by key, or by who somebody is"
SEVERITY = "high"


TABLE = {
    "azurerm_linux_virtual_machine": Setting("disable_password_authentication", True, unset=True),
    "azurerm_linux_virtual_machine_scale_set": Setting("disable_password_authentication", True, unset=True),
    "google_compute_instance": OneOf(
        (
            Setting("metadata.enable-oslogin", "true", fix="set metadata enable-oslogin = TRUE"),
            Setting("metadata.block-project-ssh-keys", "true"),
        )
    ),
    "google_compute_instance_template": OneOf(
        (
            Setting("metadata.enable-oslogin", "true", fix="set metadata enable-oslogin = TRUE"),
            Setting("metadata.block-project-ssh-keys", "true"),
        )
    ),
    "google_compute_region_instance_template": OneOf(
        (
            Setting("metadata.enable-oslogin", "true", fix="set metadata enable-oslogin = TRUE"),
            Setting("metadata.block-project-ssh-keys", "true"),
        )
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(
        estate,
        TABLE,
        "passwords are refused, or the cloud asks who it is",
        "passwords, or keys for the whole project, let people in",
    )
