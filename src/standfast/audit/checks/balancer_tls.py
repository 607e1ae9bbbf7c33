"""Balancers speak TLS 1.2 or newer, and send plain HTTP there.

*Looks at*: protocol, policy and default action of listeners
*Why*: passwords and personal data cross the open internet here
*Fix*: use HTTPS with an ELBSecurityPolicy-TLS13 policy; let port 80 redirect
*Source*: AWS Foundational Security Best Practices, ELB.1 and ELB.17
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "balancer-tls",
    "Balancers speak TLS 1.2 or newer, and send plain HTTP there",
    "critical",
    ("aws_lb_listener",),
    "use HTTPS with an ELBSecurityPolicy-TLS13 policy; let port 80 redirect",
)


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*CHECK.kinds):
        protocol, policy = estate.value(one, "protocol"), str(estate.value(one, "ssl_policy", ""))
        redirects = "HTTPS" in estate.values(one, "default_action.redirect.protocol")
        if protocol == "HTTPS":
            modern = (
                policy.startswith("ELBSecurityPolicy-TLS13") and "TLS13-1-0" not in policy and "TLS13-1-1" not in policy
            )
            wrong = "" if modern else f"its TLS policy {policy or '(the default)'} allows old versions"
        else:
            wrong = "" if redirects else f"it answers {protocol or 'plain HTTP'}"
        yield estate.finding(CHECK, one, wrong)
