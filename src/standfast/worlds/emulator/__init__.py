"""The emulator world: the AWS API on this machine, driven by the real Terraform with the real AWS provider.

No account, no cost, no call that leaves the machine. It proves that the code builds, that a second plan finds
nothing to change, and what stands; it says nothing of speed, and a database in it holds no data.

    standfast.worlds.emulator.Emulator         the world (build, observe, break, heal, clear)
    deployed_state(workspace, site)            what is really deployed, for audits
    is_running(workspace, site)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.workspace import Workspace
from standfast.worlds.emulator.condition import Condition, condition_of
from standfast.worlds.emulator.workcopy import STANDBY
from standfast.worlds.emulator.world import Built, Emulator

__all__ = ["STANDBY", "Built", "Condition", "Emulator", "condition_of", "deployed_state", "is_running"]


def is_running(workspace: Workspace, site: str = "") -> bool:
    """Whether the emulator of this workspace runs and has something of a site in it."""
    return condition_of(workspace.world("emulator") / site).kind == "standing"


def deployed_state(workspace: Workspace, site: str = "") -> Mapping[str, Any] | None:
    """What is deployed at a site, read anew from the emulator, in the form of `terraform show -json` of a state:
    `{"format_version", "terraform_version", "values": {"root_module": {"resources": [...]}}}`.

    None where nothing stands. Takes several seconds. Raises Problems when Terraform cannot tell.
    """
    if not is_running(workspace, site):
        return None
    return Emulator.of(workspace, site).look().get("prior_state")
