"""EC2: a launch template's own tags are not its instances', and a firewall rule keeps its description.

docs.aws.amazon.com/AWSEC2/latest/APIReference: API_CreateLaunchTemplate (TagSpecification) and
API_SecurityGroupRule (Description), read 2026-11.
"""

from __future__ import annotations

from typing import Any

from standfast.worlds.emulator.shims import around


def install() -> None:
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.launch_templates import LaunchTemplateVersion
    from moto.ec2.models.security_groups import SecurityGroupRule

    @around(LaunchTemplateVersion, "__init__")
    def version(original: Any, self: Any, template: Any, number: Any, data: Any, description: Any) -> None:
        specifications = data.get("TagSpecifications") or []
        kept = [one for one in specifications if one.get("ResourceType") != "launch-template"]
        data = {key: value for key, value in data.items() if key != "TagSpecifications"}
        original(self, template, number, {**data, "TagSpecifications": kept} if kept else data, description)

    def description(self: Any) -> str | None:
        return self.ip_range.get("Description") or getattr(self, "said_of_group", None)

    setattr(SecurityGroupRule, "description", property(description))  # noqa: B010 (a property has no setter)

    def keep_description(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        """moto keeps what is said of an address range, and drops what is said of another group."""
        asked = [*(kwargs.get("source_groups") or ()), *(kwargs.get("prefix_list_ids") or ())]
        said = {one.get("GroupId") or one.get("PrefixListId"): one.get("Description") for one in asked}
        rules, group = original(self, *args, **kwargs)
        for rule in rules:
            rule.said_of_group = said.get(rule.source_group.get("GroupId") or rule.prefix_list_id)
        return rules, group

    around(EC2Backend, "authorize_security_group_ingress")(keep_description)
    around(EC2Backend, "authorize_security_group_egress")(keep_description)
