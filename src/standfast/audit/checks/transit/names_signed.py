"""Names of public zones are signed.

*Looks at*: DNSSEC of public zones, and the algorithm of its keys
*Why*: a forged answer leads users to somebody else
*Fix*: turn DNSSEC on, with a key other than RSASHA1
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 3.3 to 3.5; google provider, google_dns_managed_zone:
off where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import is_one_of, known
from standfast.audit.table import Setting, judge, none_of
from standfast.blueprint import Resource

ID = "names-signed"
TITLE = "Names of public zones are signed"
SEVERITY = "medium"


def _public(one: Resource) -> bool | None:
    return is_one_of(known(one, "visibility", "public"), "public")


TABLE = {
    "google_dns_managed_zone": (
        Setting("dnssec_config.state", "on", when=_public),
        Setting("dnssec_config.default_key_specs.algorithm", none_of("rsasha1"), unset="rsasha256", when=_public),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its answers are signed", "its answers can be forged")
