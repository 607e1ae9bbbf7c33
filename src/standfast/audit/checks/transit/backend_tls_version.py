"""Policies of TLS take 1.2 or newer, and no weak ciphers.

*Looks at*: the policies of TLS that balancers name
*Why*: old versions of TLS can be opened
*Fix*: set min_tls_version = TLS_1_2 and profile = MODERN or RESTRICTED
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 3.9; google provider, google_compute_ssl_policy: TLS_1_0
and COMPATIBLE where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "backend-tls-version"
TITLE = "Policies of TLS take 1.2 or newer, and no weak ciphers"
SEVERITY = "high"


TABLE = {
    "google_compute_ssl_policy": (
        Setting("min_tls_version", ("TLS_1_2", "TLS_1_3")),
        Setting("profile", ("MODERN", "RESTRICTED")),
    ),
    "google_compute_region_ssl_policy": (
        Setting("min_tls_version", ("TLS_1_2", "TLS_1_3")),
        Setting("profile", ("MODERN", "RESTRICTED")),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it takes TLS 1.2 or newer, without weak ciphers", "it takes old TLS or weak ciphers")
