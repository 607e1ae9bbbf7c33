"""What stands behind Terraform's back where Terraform would not look: rules and permissions it does not own.

A firewall rule added by hand to a group whose rules are resources of their own belongs to nobody: Terraform
takes it into its state without a word, and no later plan removes it. The same holds for policies attached to a
role. So a build takes them away itself, first, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Client = Callable[[str], Any]
RULE_KINDS = {"aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"}


def remove(plan: Mapping[str, Any], client: Client) -> tuple[str, ...]:
    """Take away every stray on what stands, given Terraform's plan as JSON. Returns what was taken, in words."""
    stand = plan.get("prior_state", {}).get("values", {}).get("root_module", {}).get("resources", [])
    if not stand:
        return ()
    configured = plan.get("configuration", {}).get("root_module", {}).get("resources", [])
    inline = {one["address"]: set(one.get("expressions", {})) for one in configured}
    return (*_rules(stand, inline, client), *_policies(stand, inline, client))


def _of(stand: list[Mapping[str, Any]], *kinds: str) -> list[Mapping[str, Any]]:
    return [one for one in stand if one["type"] in kinds and one["mode"] == "managed"]


def _code_address(resource: Mapping[str, Any]) -> str:
    return f"{resource['type']}.{resource['name']}"


def _rules(stand: list[Mapping[str, Any]], inline: Mapping[str, set[str]], client: Client) -> list[str]:
    owned = {one["values"].get("security_group_rule_id") for one in _of(stand, *RULE_KINDS, "aws_security_group_rule")}
    taken, ec2 = [], None
    for group in _of(stand, "aws_security_group"):
        ec2 = ec2 or client("ec2")
        wanted = [{"Name": "group-id", "Values": [group["values"]["id"]]}]
        for rule in ec2.describe_security_group_rules(Filters=wanted)["SecurityGroupRules"]:
            way = "egress" if rule["IsEgress"] else "ingress"
            if rule["SecurityGroupRuleId"] in owned or way in inline.get(_code_address(group), set()):
                continue
            revoke = ec2.revoke_security_group_egress if rule["IsEgress"] else ec2.revoke_security_group_ingress
            revoke(GroupId=group["values"]["id"], SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])
            taken.append(f"a firewall rule on {group['address']}: {rule_in_words(rule)}")
    return taken


def rule_in_words(rule: Mapping[str, Any]) -> str:
    """`in from 0.0.0.0/0 to tcp port 22`, of a rule as the EC2 API tells it."""
    way = "out to" if rule["IsEgress"] else "in from"
    referenced = rule.get("ReferencedGroupInfo", {}).get("GroupId")
    other = rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule.get("PrefixListId") or referenced
    if rule["IpProtocol"] == "-1":
        return f"{way} {other}, everything"
    first, last = rule.get("FromPort"), rule.get("ToPort")
    return f"{way} {other}, {rule['IpProtocol']} port {first if first == last else f'{first}-{last}'}"


def _policies(stand: list[Mapping[str, Any]], inline: Mapping[str, set[str]], client: Client) -> list[str]:
    attached = {
        (one["values"]["role"], one["values"]["policy_arn"]) for one in _of(stand, "aws_iam_role_policy_attachment")
    }
    written = {(one["values"]["role"], one["values"]["name"]) for one in _of(stand, "aws_iam_role_policy")}
    taken, iam = [], None
    for resource in _of(stand, "aws_iam_role"):
        iam = iam or client("iam")
        role, own = resource["values"]["name"], inline.get(_code_address(resource), set())
        if "managed_policy_arns" not in own:
            for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
                if (role, policy["PolicyArn"]) not in attached:
                    iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
                    taken.append(f"a policy on {resource['address']}: {policy['PolicyName']}")
        if "inline_policy" not in own:
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                if (role, name) not in written:
                    iam.delete_role_policy(RoleName=role, PolicyName=name)
                    taken.append(f"a policy written into {resource['address']}: {name}")
    return taken
