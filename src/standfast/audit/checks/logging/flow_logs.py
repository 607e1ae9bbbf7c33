"""What crosses the network is recorded.

*Looks at*: a flow log of each network that records what was refused, at least
*Why*: after a break-in this is the only record of who spoke to whom
*Fix*: add aws_flow_log with traffic_type = ALL
*Source*: AWS Foundational Security Best Practices, EC2.6
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import any_holds, is_one_of, known

ID = "flow-logs"
TITLE = "What crosses the network is recorded"
SEVERITY = "medium"
KINDS = ("aws_vpc",)

FIX = "add aws_flow_log with traffic_type = ALL"


def check(estate: Estate) -> Iterator[Finding]:
    for network in estate.of(*KINDS):
        logs = estate.linked("aws_flow_log", "vpc_id", network)
        records = any_holds(is_one_of(known(one, "traffic_type"), "ALL", "REJECT") for one in logs)
        if not logs:
            records = estate.absent("aws_flow_log", "vpc_id")
        yield judged(network, records, "its traffic is recorded", "its traffic is not recorded", FIX)
