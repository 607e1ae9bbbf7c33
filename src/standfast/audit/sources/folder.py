"""A folder that holds what Terraform knows: a state or plan as JSON, or a state file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfast.audit.sources.computed import region_of
from standfast.audit.sources.state import is_plan, resources_of
from standfast.blueprint import Resource
from standfast.problem import Place, Problem, Problems

MOST = 200 * 2**20  # bytes; a state of ten thousand resources has some 50 MB
HOW = "in it, run: terraform show -json > state.json (or: terraform show -json PLANFILE > plan.json)"


@dataclass(frozen=True)
class Found:
    """`planned`: it says what will be. `region`: where most of it stands, "" where nothing tells."""

    file: Path
    resources: tuple[Resource, ...]
    planned: bool
    region: str


def read_folder(folder: Path) -> Found:
    """The resources of the state or plan in a folder, a state before a plan. Raises Problems."""
    candidates = sorted([*folder.glob("*.json"), *folder.glob("*.tfstate")])
    read = [(path, document) for path in candidates if (document := _document(path)) is not None]
    if not read:
        raise Problems([_nothing(folder)])
    path, document = min(read, key=lambda one: (is_plan(one[1]), one[0].name))
    resources = tuple(resources_of(document, path.name))
    return Found(path, resources, is_plan(document), region_of(document) or _region(resources))


def _document(path: Path) -> dict[str, Any] | None:
    """A JSON document that Terraform could have written, else None."""
    try:
        if path.stat().st_size > MOST:
            raise Problems([Problem(f"{path} is too large", f"over {MOST >> 20} MiB", place=Place(str(path)))])
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    ours = "format_version" in document or ("terraform_version" in document and "resources" in document)
    return document if ours else None


def _nothing(folder: Path) -> Problem:
    if any(folder.glob("*.tf")):
        why = "Terraform code that others wrote cannot be read yet; what Terraform makes of it can"
        return Problem(f"{folder} holds Terraform code, but no state or plan as JSON", why, HOW)
    why = "there is no plan.json of standfast build, and no state or plan of Terraform as JSON"
    return Problem(f"nothing to audit in {folder}", why, f"name a spec, or {HOW}")


def _region(resources: tuple[Resource, ...]) -> str:
    """The region that most ARNs name."""
    counts: dict[str, int] = {}
    for one in resources:
        parts = str(one.settings.get("arn") or "").split(":")
        if len(parts) > 4 and parts[3]:
            counts[parts[3]] = counts.get(parts[3], 0) + 1
    return max(sorted(counts), key=lambda name: counts[name]) if counts else ""
