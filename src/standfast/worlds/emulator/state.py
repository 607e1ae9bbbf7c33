"""Terraform's local state file, read as it lies there: quick, and without asking anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from standfast.problem import Problem, Problems


def recorded(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """What Terraform's state records, as it was last read: address -> attributes. Empty without a state."""
    return {address: one.get("attributes", {}) for address, one in instances_in(folder).items()}


def outputs_in(folder: Path) -> dict[str, Any]:
    """The outputs that are no secrets, by name. Raises Problems for a broken file."""
    told = _state(folder).get("outputs", {})
    return {name: one.get("value") for name, one in told.items() if not one.get("sensitive")}


def instances_in(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Every managed resource of the world's local state file, by its address. Raises Problems for a broken file."""
    found = {}
    for resource in _state(folder).get("resources", ()):
        for instance in resource.get("instances", ()) if resource.get("mode") == "managed" else ():
            if "deposed" in instance:
                continue  # the old one of a replacement, waiting to be removed
            key = instance.get("index_key")
            index = f"[{json.dumps(key)}]" if key is not None else ""
            found[f"{resource['type']}.{resource['name']}{index}"] = instance
    return found


def _state(folder: Path) -> Mapping[str, Any]:
    path = folder / "terraform" / "terraform.tfstate"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        fix = f"put {path.name}.backup beside it in its place, or remove {folder} and apply again"
        raise Problems([Problem(f"{path} cannot be read", str(error), fix)]) from error
