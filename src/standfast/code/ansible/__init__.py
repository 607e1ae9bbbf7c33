"""Ansible: what runs on the servers. An inventory per place, variables from the plan, and the roles of `project/`.

The same roles configure production (systemd, packages, /etc) and a lab on one machine (supervisor, a folder per
host): every path, port, user and program that differs is a variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from standfast.blueprint import Blueprint
from standfast.code.ansible import backups, inventory, playbooks, readme, variables
from standfast.code.ansible.groups import groups_of
from standfast.files import File
from standfast.plan import Plan

SHAPES = ("vm",)  # containers and pods have no host of ours to configure
PROJECT = Path(__file__).parent / "project"


def write_plan(plan: Plan, blueprints: Sequence[Blueprint] = ()) -> list[File]:
    """The whole project of a plan whose services run on servers. Raises Problems.

    The blueprints add nothing: what stands is found by the tags that the infrastructure code puts on it.
    """
    groups = groups_of(plan)
    return sorted(
        (
            *shipped(),
            *inventory.files(plan, groups),
            *variables.files(plan, groups),
            *playbooks.files(plan),
            backups.spec_file(plan),
            readme.file(plan, groups),
        ),
        key=lambda file: file.path,
    )


@lru_cache
def shipped() -> tuple[File, ...]:
    """The files that are the same for every plan: roles, site.yml, the settings of Ansible and of its linter."""
    paths = (path for path in sorted(PROJECT.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return tuple(File(path.relative_to(PROJECT).as_posix(), path.read_text(encoding="utf-8")) for path in paths)
