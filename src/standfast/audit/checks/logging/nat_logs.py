"""What leaves the network is recorded.

*Looks at*: logs of gateways that translate addresses
*Why*: stolen data leaves through here
*Fix*: set log_config.enable = true
*Source*: Cloud NAT docs, "Monitoring, logging"; google provider, google_compute_router_nat: off where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "nat-logs"
TITLE = "What leaves the network is recorded"
SEVERITY = "low"


TABLE = {
    "google_compute_router_nat": Setting("log_config.enable", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "what leaves is recorded", "what leaves is not recorded")
