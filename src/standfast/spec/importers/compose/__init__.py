"""Docker Compose (compose-spec.io): files as people have them, versions 2 and 3 and those without one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from standfast.problem import Problem, Problems, quoted
from standfast.spec.draft import Imported, Remarks, Workload, draft
from standfast.spec.importers.compose.project import Project, read_project
from standfast.spec.importers.compose.service import read_workload

_NAMED = re.compile(r"(?:^|.*[._-])(?:docker-)?compose(?:[._-].*)?\.(?:ya?ml|json)", re.IGNORECASE)
_SERVICES = re.compile(r"^(?:\{\s*)?[\"']?services[\"']?\s*:", re.MULTILINE)
_OTHERS = re.compile(r"^[\"']?(?:system|apiVersion)[\"']?\s*:", re.MULTILINE)  # a spec; Kubernetes


def recognises(path: Path, text: str) -> bool:
    if _OTHERS.search(text):
        return False
    return bool(_NAMED.fullmatch(path.name) or _SERVICES.search(text))


def read(paths: Sequence[Path]) -> Imported:
    """The spec of these files, later ones laid over earlier ones. Raises Problems."""
    remarks = Remarks()
    project = read_project([Path(path) for path in paths], remarks)
    workloads = []
    for name, node in project.services.items():
        if _left_out(name, project, remarks):
            continue
        workloads.append(read_workload(name, node, project, remarks))
    if not workloads:
        fix = "name a file with services, or give one of them no profile"
        raise Problems([Problem("the file has no services to import", "", fix, project.place)])
    _networks(project, remarks)
    return draft([_finished(one, workloads) for one in workloads], project.name, project.source, remarks)


def _left_out(name: str, project: Project, remarks: Remarks) -> bool:
    """Services of a profile are not started unless asked for: tests, tools, seeds."""
    node = project.services[name]
    profiles = node.value.get("profiles") if isinstance(node.value, dict) else None
    if profiles is None or not profiles.value:
        return False
    words = profiles.value if isinstance(profiles.value, list) else [profiles]
    shown = ", ".join(str(one.value) for one in words)
    what, why = f"{quoted(name)} is left out: it belongs to the profile {shown}", "Compose does not start it by itself"
    remarks.say(what, node.keys["profiles"], why, "remove profiles: from it to have it imported")
    return True


def _networks(project: Project, remarks: Remarks) -> None:
    if project.networks:
        names = ", ".join(project.networks)
        what = f"networks are not carried over: {names}"
        why = "in a spec the calls say who may reach whom: the plan opens those ways and no others"
        remarks.say(what, project.networks_place, why)


def _finished(one: Workload, workloads: Sequence[Workload]) -> Workload:
    """A workload that others wait for until it has ended runs once."""
    waited = {need.to for other in workloads for need in other.needs if need.ground == "service_completed_successfully"}
    return replace(one, once=True) if one.name in waited else one
