"""Subnets give no public address away.

*Looks at*: whether what starts in a subnet gets a public address by itself
*Why*: a server that should be private is then public by accident
*Fix*: set map_public_ip_on_launch = false
*Source*: AWS Foundational Security Best Practices, EC2.15
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "subnet-no-public-address"
TITLE = "Subnets give no public address away"
SEVERITY = "medium"


TABLE = {
    "aws_subnet": Setting("map_public_ip_on_launch", False, unset=False),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it gives no public address", "it gives a public address to whatever starts in it")
