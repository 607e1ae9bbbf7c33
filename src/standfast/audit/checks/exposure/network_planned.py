"""Networks are drawn by hand, not made with a subnet everywhere.

*Looks at*: networks that make their own subnets and rules, and the default network put to use
*Why*: such networks come with firewall rules that nobody asked for, in every region
*Fix*: set auto_create_subnetworks = false; leave the default network alone
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 3.1; google provider, google_compute_network: subnets
are made where nothing is said; AWS Foundational Security Best Practices, EC2.2
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "network-planned"
TITLE = "Networks are drawn by hand, not made with a subnet everywhere"
SEVERITY = "medium"


TABLE = {
    "google_compute_network": Setting("auto_create_subnetworks", False),
    "aws_default_subnet": Setting("map_public_ip_on_launch", False),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its subnets are drawn by hand", "it makes a subnet in every region")
