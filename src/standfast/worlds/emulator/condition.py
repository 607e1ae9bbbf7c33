"""What state things are in: told from what is on disk and which processes live, before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from standfast.worlds.emulator.endpoint import Endpoint, find_endpoint
from standfast.worlds.emulator.events import half_created, read_events
from standfast.worlds.emulator.state import instances_in

SETTLED = "settled"  # a file of the world's folder: there between the end of a build and the next one
Kind = Literal["absent", "empty", "standing", "lost", "cut"]


@dataclass(frozen=True)
class Condition:
    """`absent`: nothing was ever built here. `empty`: a server, nothing in it. `standing`: resources, and a server.
    `lost`: the server is gone, and with it all it held. `cut`: Terraform was cut off while it created something,
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
                return f"an earlier run was cut off while it created {some(self.half_created)}"
            case "standing":
                return f"{self.resources} resources stand in the emulator"


def some(names: tuple[str, ...], shown: int = 3) -> str:
    """The first few of many names, and how many more there are."""
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")


def condition_of(folder: Path) -> Condition:
    """Read the condition of the world in this folder. Changes nothing."""
    endpoint = find_endpoint(folder)
    instances = instances_in(folder)
    tainted = tuple(address for address, one in instances.items() if one.get("status") == "tainted")
    half = half_created(read_events(folder / "run.jsonl"), instances)
    if endpoint is None:
        traces = instances or half or (folder / "server.json").exists()
        kind: Kind = "lost" if traces else "absent"
    elif half:
        kind = "cut"
    else:
        kind = "standing" if instances else "empty"
    return Condition(kind, endpoint, len(instances), half, tainted, (folder / SETTLED).exists())
