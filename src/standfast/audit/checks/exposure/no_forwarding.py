"""Servers do not pass on the traffic of others.

*Looks at*: forwarding of packets by servers and their interfaces
*Why*: a server that forwards is a way around the firewall
*Fix*: turn forwarding off; a gateway is a service of the cloud
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 4.6; azurerm and google providers: forwarding is off
where nothing is said; AWS provider, aws_instance: the check is on where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "no-forwarding"
TITLE = "Servers do not pass on the traffic of others"
SEVERITY = "medium"


TABLE = {
    "google_compute_instance": Setting("can_ip_forward", False, unset=False),
    "google_compute_instance_template": Setting("can_ip_forward", False, unset=False),
    "google_compute_region_instance_template": Setting("can_ip_forward", False, unset=False),
    "azurerm_network_interface": Setting("ip_forwarding_enabled", False, unset=False),
    "aws_instance": Setting("source_dest_check", True, unset=True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it passes nothing on", "it passes the traffic of others on")
