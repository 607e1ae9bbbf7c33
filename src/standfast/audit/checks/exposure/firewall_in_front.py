"""A web firewall stands before each public balancer.

*Looks at*: a web ACL with at least one rule that acts, associated with each public application balancer; the firewall
policy of application gateways with a public address (Azure) and of backends of external balancers (Google Cloud)
*Why*: known attacks are refused before they reach a service
*Fix*: add aws_wafv2_web_acl with managed rules, and aws_wafv2_web_acl_association
*Source*: AWS Foundational Security Best Practices, ELB.16; Microsoft cloud security benchmark v1, NS-6; Cloud Armor
docs, "Security policy overview"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import any_holds, blocks, flag, is_one_of, known
from standfast.audit.table import OneOf, Setting, judge, leaves, written
from standfast.blueprint import Resource

ID = "firewall-in-front"
TITLE = "A web firewall stands before each public balancer"
SEVERITY = "medium"
AWS = ("aws_lb",)

JOIN = "aws_wafv2_web_acl_association"
FIX = f"add aws_wafv2_web_acl with managed rules, and {JOIN}"


def _public(one: Resource) -> bool:
    return any(value is not None for value in leaves(one, "frontend_ip_configuration.public_ip_address_id"))


def _outside(one: Resource) -> bool | None:
    """External where nothing is said."""
    return is_one_of(known(one, "load_balancing_scheme", "EXTERNAL"), "EXTERNAL", "EXTERNAL_MANAGED")


TABLE = {
    "azurerm_application_gateway": OneOf(
        (Setting("firewall_policy_id", written), Setting("waf_configuration.enabled", True)), when=_public
    ),
    "google_compute_backend_service": Setting("security_policy", written, when=_outside),
    "google_compute_region_backend_service": Setting("security_policy", written, when=_outside),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "a web firewall stands before it", "no web firewall stands before it")
    for one in estate.of(*AWS):
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
