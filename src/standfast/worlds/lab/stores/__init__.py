"""What a cache and an object store of the lab hold, for drills: known things, their digests, damage, and the way back.

cache     by the server's own command line: a copy as the cloud takes one (RDB), and a node made from it
objects   by the S3 API: versions, and each object as it was at a moment
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from standfast.problem import Problem, Problems, quoted
from standfast.worlds.lab.stores import cache, objects

if TYPE_CHECKING:
    from standfast.worlds.lab.system.world import SystemLab


def fill(lab: SystemLab, component: str, *, kept: bool = True) -> None:
    """Put known things into it; `kept`: with versions, or a copy."""
    _of(lab, component).fill(lab, component, kept)


def contents(lab: SystemLab, component: str) -> Mapping[str, str]:
    return _of(lab, component).contents(lab, component)


def ruin(lab: SystemLab, component: str) -> None:
    """What it holds is deleted, and written over. Raises Problems."""
    _of(lab, component).ruin(lab, component)


def _of(lab: SystemLab, component: str) -> ModuleType:
    roles = {one.role for one in lab.hosts if one.component == component}
    if "cache" in roles or "objects" in roles:
        return cache if "cache" in roles else objects
    raise Problems([Problem(f"{quoted(component)} is neither a cache nor an object store of the lab")])
