"""Search services refuse plain HTTP and old TLS.

*Looks at*: HTTPS only, and the policy of TLS, of search domains
*Why*: queries and answers cross the network here
*Fix*: set enforce_https = true and a tls_security_policy of 2019-07 or newer
*Source*: AWS Foundational Security Best Practices, Opensearch.8; AWS provider: HTTPS is enforced where nothing is
said, and the policy is the oldest
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "search-tls"
TITLE = "Search services refuse plain HTTP and old TLS"
SEVERITY = "medium"


TABLE = {
    "aws_opensearch_domain": (
        Setting("domain_endpoint_options.enforce_https", True, unset=True),
        Setting(
            "domain_endpoint_options.tls_security_policy",
            ("Policy-Min-TLS-1-2-2019-07", "Policy-Min-TLS-1-2-PFS-2023-10"),
        ),
    ),
    "aws_elasticsearch_domain": (
        Setting("domain_endpoint_options.enforce_https", True, unset=True),
        Setting(
            "domain_endpoint_options.tls_security_policy",
            ("Policy-Min-TLS-1-2-2019-07", "Policy-Min-TLS-1-2-PFS-2023-10"),
        ),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it speaks TLS 1.2 or newer only", "it speaks old TLS, or none")
