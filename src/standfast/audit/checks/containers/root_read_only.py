"""Containers cannot change their own files.

*Looks at*: whether the files of a container may be written
*Why*: a break-in leaves nothing behind where nothing can be written
*Fix*: set readonlyRootFilesystem, and mount what must be written
*Source*: AWS Foundational Security Best Practices, ECS.5
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.containers import containers
from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import UNKNOWN
from standfast.audit.table import Setting, judge

ID = "root-read-only"
TITLE = "Containers cannot change their own files"
SEVERITY = "low"


def _all_fixed(value: object) -> bool | None:
    found = containers(value)
    return None if found is UNKNOWN else bool(found) and all(one.get("readonlyRootFilesystem") is True for one in found)


TABLE = {
    "aws_ecs_task_definition": Setting(
        "container_definitions", _all_fixed, fix="set readonlyRootFilesystem = true in its containers"
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its files stay as they are", "its files may be changed")
