"""Balancers speak TLS 1.2 or newer, and redirect the rest.

*Looks at*: every listener: HTTPS with a policy of TLS 1.2 at least; HTTP only where every action is a redirect to
HTTPS; the policy of TLS of application gateways (Azure) and of HTTPS proxies (Google Cloud); what the policy takes,
`backend-tls-version` says
*Why*: passwords and sessions cross networks that are not yours
*Fix*: use protocol HTTPS with ssl_policy ELBSecurityPolicy-TLS13-1-2-2021-06; on port 80 redirect to HTTPS
*Source*: AWS Foundational Security Best Practices, ELB.1 and ELB.17; Azure Application Gateway docs, "TLS policy
overview"; Cloud Load Balancing docs, "SSL policies": TLS 1.0 where none is named
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged, unknown
from standfast.audit.reading import UNKNOWN, blocks, known
from standfast.audit.table import OneOf, Setting, judge, written
from standfast.blueprint import Resource

ID = "balancer-tls"
TITLE = "Balancers speak TLS 1.2 or newer, and redirect the rest"
SEVERITY = "high"
AWS = ("aws_lb_listener",)

SAFE = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)(-.*)?")
DEFAULT = "ELBSecurityPolicy-2016-08"  # of the API, where nothing is said: it still speaks TLS 1.0
FIX = "use protocol HTTPS with ssl_policy = ELBSecurityPolicy-TLS13-1-2-2021-06"


NEW = ("AppGwSslPolicy20170401S", "AppGwSslPolicy20220101", "AppGwSslPolicy20220101S")
TABLE = {
    "azurerm_application_gateway": OneOf(
        (Setting("ssl_policy.policy_name", NEW), Setting("ssl_policy.min_protocol_version", ("TLSv1_2", "TLSv1_3")))
    ),
    "google_compute_target_https_proxy": Setting("ssl_policy", written),
    "google_compute_region_target_https_proxy": Setting("ssl_policy", written),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "it speaks TLS 1.2 or newer", "it speaks old TLS")
    for one in estate.of(*AWS):
        protocol = known(one, "protocol")
        if protocol in ("HTTPS", "TLS"):
            policy = known(one, "ssl_policy", DEFAULT)
            safe = None if policy is UNKNOWN else bool(SAFE.fullmatch(policy))
            yield judged(one, safe, f"it speaks {policy}", f"its policy {policy} speaks TLS older than 1.2", FIX)
        elif protocol == "HTTP":
            redirects = _redirects(estate, one)
            yield judged(one, redirects, "it redirects to HTTPS", "it serves plain HTTP", "redirect it to HTTPS")
        elif protocol is None:
            yield broken(one, "it serves plain HTTP", FIX)
        else:
            yield unknown(
                one, f"it passes {protocol} on; whether that is encrypted it cannot say", "end TLS at the balancer"
            )


def _redirects(estate: Estate, listener: Resource) -> bool | None:
    actions = blocks(listener, "default_action")
    for rule in estate.linked("aws_lb_listener_rule", "listener_arn", listener):
        actions += blocks(rule, "action")
    if UNKNOWN in actions:
        return None
    return bool(actions) and all(
        known(one, "type") == "redirect" and known(one, "redirect.protocol", "#{protocol}") == "HTTPS"
        for one in actions
    )
