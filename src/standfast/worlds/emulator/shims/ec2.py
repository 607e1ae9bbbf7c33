"""EC2: the tags of a launch template are the template's own, not part of the data that instances are made from.

docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html (TagSpecification), read 2026-11.
"""

from __future__ import annotations

from typing import Any

from standfast.worlds.emulator.shims import around


def install() -> None:
    from moto.ec2.models.launch_templates import LaunchTemplateVersion

    @around(LaunchTemplateVersion, "__init__")
    def version(original: Any, self: Any, template: Any, number: Any, data: Any, description: Any) -> None:
        specifications = data.get("TagSpecifications") or []
        kept = [one for one in specifications if one.get("ResourceType") != "launch-template"]
        data = {key: value for key, value in data.items() if key != "TagSpecifications"}
        original(self, template, number, {**data, "TagSpecifications": kept} if kept else data, description)
