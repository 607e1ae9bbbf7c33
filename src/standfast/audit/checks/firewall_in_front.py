"""A web firewall stands before what the internet reaches.

*Looks at*: web ACLs associated with public balancers, where the spec says `exposure: public`
*Why*: known attacks are turned away before they reach the code
*Fix*: associate a WAFv2 web ACL with the balancer
*Source*: AWS Foundational Security Best Practices, ELB.16
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "firewall-in-front",
    "A web firewall stands before what the internet reaches",
    "medium",
    ("aws_lb",),
    "associate a WAFv2 web ACL with the balancer",
)


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*CHECK.kinds):
        if estate.value(one, "internal") is True:
            continue
        guarded = estate.referring("aws_wafv2_web_acl_association", "resource_arn", one)
        yield estate.finding(CHECK, one, "" if guarded else "nothing stands between it and the internet")
