"""Nobody enters a server through its serial console.

*Looks at*: the metadata that opens the serial console
*Why*: the console asks no firewall
*Fix*: remove serial-port-enable, or set it to false
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 4.5
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "no-serial-console"
TITLE = "Nobody enters a server through its serial console"
SEVERITY = "medium"


TABLE = {
    "google_compute_instance": Setting(
        "metadata.serial-port-enable", ("false", "0"), unset="false", fix="remove metadata serial-port-enable"
    ),
    "google_compute_instance_template": Setting(
        "metadata.serial-port-enable", ("false", "0"), unset="false", fix="remove metadata serial-port-enable"
    ),
    "google_compute_region_instance_template": Setting(
        "metadata.serial-port-enable", ("false", "0"), unset="false", fix="remove metadata serial-port-enable"
    ),
    "google_compute_project_metadata": Setting(
        "metadata.serial-port-enable", ("false", "0"), unset="false", fix="remove metadata serial-port-enable"
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its console is closed", "its console is open to whoever has the key")
