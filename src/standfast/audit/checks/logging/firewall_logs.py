"""What firewalls let through and refuse is recorded.

*Looks at*: logs of firewall rules
*Why*: the record shows which rule nobody needs, and who tries the others
*Fix*: add log_config to the rule
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 3.8; google provider, google_compute_firewall: nothing
is recorded where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "firewall-logs"
TITLE = "What firewalls let through and refuse is recorded"
SEVERITY = "low"


TABLE = {
    "google_compute_firewall": Setting("log_config.metadata", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its rule is recorded", "its rule is not recorded")
