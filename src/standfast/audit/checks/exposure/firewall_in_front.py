"""A web firewall stands before each public balancer.

*Looks at*: a web ACL with at least one rule that acts, associated with each public application balancer
*Why*: known attacks are refused before they reach a service
*Fix*: add aws_wafv2_web_acl with managed rules, and aws_wafv2_web_acl_association
*Source*: AWS Foundational Security Best Practices, ELB.16
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import any_holds, blocks, flag, known
from standfast.blueprint import Resource

ID = "firewall-in-front"
TITLE = "A web firewall stands before each public balancer"
SEVERITY = "medium"
KINDS = ("aws_lb",)

JOIN = "aws_wafv2_web_acl_association"
FIX = f"add aws_wafv2_web_acl with managed rules, and {JOIN}"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        if flag(one, "internal") is True or known(one, "load_balancer_type", "application") != "application":
            continue
        joined = estate.linked(JOIN, "resource_arn", one)
        guarded = any_holds(_acts(estate, each) for each in joined) if joined else estate.absent(JOIN, "resource_arn")
        yield judged(one, guarded, "a web firewall stands before it", "no web firewall stands before it", FIX)


def _acts(estate: Estate, joined: Resource) -> bool | None:
    lists = estate.targets(joined, "web_acl_arn", "aws_wafv2_web_acl")
    if not lists:
        return None  # it is not among these resources
    rules = [rule for one in lists for rule in blocks(one, "rule")]
    return any(not (blocks(rule, "override_action.count") or blocks(rule, "action.count")) for rule in rules)
