"""The emulator world: the AWS API on this machine, driven by the real Terraform with the real AWS provider.

No account, no cost, no call that leaves the machine. It proves that the code builds, that a second plan finds
nothing to change, and what stands; it says nothing of speed, and a database in it holds no data.

    standfast.worlds.emulator.Emulator         the world (build, observe, break, heal, clear)
    deployed_state(workspace)                  what is really deployed, for audits
    is_running(workspace)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.workspace import Workspace
from standfast.worlds.emulator.condition import Condition, condition_of
from standfast.worlds.emulator.world import Built, Emulator

__all__ = ["Built", "Condition", "Emulator", "condition_of", "deployed_state", "is_running"]


def is_running(workspace: Workspace) -> bool:
    """Whether the emulator of this workspace runs and has something in it."""
    return condition_of(workspace.world("emulator")).kind == "standing"


def deployed_state(workspace: Workspace) -> Mapping[str, Any] | None:
    """What is deployed, read anew from the emulator, in the form of `terraform show -json` of a state:
    `{"format_version", "terraform_version", "values": {"root_module": {"resources": [...]}}}`.

    None where nothing stands. Takes several seconds. Raises Problems when Terraform cannot tell.
    """
    if not is_running(workspace):
        return None
    return Emulator.of(workspace).look().get("prior_state")
