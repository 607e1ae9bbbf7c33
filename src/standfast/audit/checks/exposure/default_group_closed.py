"""The default firewall of each network is closed.

*Looks at*: that the default security group of each network is managed, and has no rules
*Why*: what is started without a thought lands in it, and its rules let all of those reach each other
*Fix*: add aws_default_security_group without rules
*Source*: AWS Foundational Security Best Practices, EC2.2
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import UNKNOWN, blocks
from standfast.blueprint import Resource

ID = "default-group-closed"
TITLE = "The default firewall of each network is closed"
SEVERITY = "medium"
KINDS = ("aws_vpc",)

GROUP = "aws_default_security_group"
FIX = f"add {GROUP} without rules"


def check(estate: Estate) -> Iterator[Finding]:
    for network in estate.of(*KINDS):
        found = estate.linked(GROUP, "vpc_id", network)
        closed = all(map(_closed, found)) if found else estate.absent(GROUP, "vpc_id")
        yield judged(network, closed, "its default firewall is closed", "its default firewall is open", FIX)


def _closed(group: Resource) -> bool:
    """What is not said is closed: Terraform takes the rules away that AWS puts there."""
    rules = [*blocks(group, "ingress"), *blocks(group, "egress")]
    return not [one for one in rules if one is not UNKNOWN]
