"""Flow logs record all traffic.

*Looks at*: `traffic_type` of flow logs
*Why*: only refused traffic tells half of the story of a break-in
*Fix*: set traffic_type = ALL
*Source*: AWS Foundational Security Best Practices, EC2.6
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "flow-logs",
    "Flow logs record all traffic",
    "medium",
    ("aws_flow_log",),
    "set traffic_type = ALL",
)
WANTED = {
    "aws_flow_log": ("traffic_type", "ALL", "it records a part of the traffic only"),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
