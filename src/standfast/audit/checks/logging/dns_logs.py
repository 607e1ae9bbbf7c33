"""Which names are asked for is recorded.

*Looks at*: logs of zones and of resolvers
*Why*: a name that is asked for shows a break-in before anything else does
*Fix*: set cloud_logging_config.enable_logging = true, or a policy that logs for the network
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 2.12
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import is_one_of, known
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "dns-logs"
TITLE = "Which names are asked for is recorded"
SEVERITY = "low"


def _public(one: Resource) -> bool | None:
    return is_one_of(known(one, "visibility", "public"), "public")


TABLE = {
    "google_dns_managed_zone": Setting("cloud_logging_config.enable_logging", True, when=_public),
    "google_dns_policy": Setting("enable_logging", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "what is asked for is recorded", "what is asked for is not recorded")
