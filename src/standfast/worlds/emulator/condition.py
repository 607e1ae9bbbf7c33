"""What state things are in: told from what is on disk and which processes live, before anything is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from standfast.worlds.emulator.endpoint import Endpoint, find_endpoint
from standfast.worlds.emulator.terraform import half_created, read_events

SETTLED = "settled"  # a file of the world's folder: there between the end of a build and the next one
Kind = Literal["absent", "empty", "standing", "lost", "cut"]


@dataclass(frozen=True)
class Condition:
    """`absent`: nothing was ever built here. `empty`: a server, nothing in it. `standing`: resources, and a server.
    `lost`: the server is gone, and with it all it held. `cut`: Terraform was killed while it created something,
    so what stands and what the state says may differ.
    """

    kind: Kind
    endpoint: Endpoint | None
    resources: int
    half_created: tuple[str, ...] = ()
    tainted: tuple[str, ...] = ()  # created, but an interruption kept Terraform from seeing the end of it
    settled: bool = False  # the last build came to its end, so any difference since is somebody's doing

    def __str__(self) -> str:
        match self.kind:
            case "absent":
                return "nothing is built in the emulator"
            case "empty":
                return "the emulator runs, and nothing is in it"
            case "lost":
                held = f", and with it the {self.resources} resources it held" if self.resources else ""
                return f"the emulator's server is gone{held}"
            case "cut":
                return f"an earlier run was killed while it created {_some(self.half_created)}"
            case "standing":
                return f"{self.resources} resources stand in the emulator"


def _some(names: tuple[str, ...], shown: int = 3) -> str:
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")


def condition_of(folder: Path) -> Condition:
    """Read the condition of the world in this folder. Changes nothing."""
    endpoint = find_endpoint(folder)
    instances = _instances(folder)
    tainted = tuple(address for address, one in instances.items() if one.get("status") == "tainted")
    half = half_created(read_events(folder / "run.jsonl"))
    if endpoint is None:
        traces = instances or half or (folder / "server.json").exists()
        kind: Kind = "lost" if traces else "absent"
    elif half:
        kind = "cut"
    else:
        kind = "standing" if instances else "empty"
    return Condition(kind, endpoint, len(instances), half, tainted, (folder / SETTLED).exists())


def recorded(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """What Terraform's state records, as it was last read: address -> attributes. Empty without a state."""
    return {address: one.get("attributes", {}) for address, one in _instances(folder).items()}


def _instances(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Every managed resource of the world's local state file, by its address."""
    try:
        state = json.loads((folder / "terraform" / "terraform.tfstate").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    found = {}
    for resource in state.get("resources", ()):
        for instance in resource.get("instances", ()) if resource.get("mode") == "managed" else ():
            key = instance.get("index_key")
            index = f"[{json.dumps(key)}]" if key is not None else ""
            found[f"{resource['type']}.{resource['name']}{index}"] = instance
    return found
