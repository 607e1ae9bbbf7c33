"""Containers have no more rights than they need.

*Looks at*: containers that run as the machine: privileged, or in its networks and processes
*Why*: whoever breaks out of such a container has the machine
*Fix*: remove privileged, and the modes of the host
*Source*: AWS Foundational Security Best Practices, ECS.3 and ECS.4; NIST SP 800-190, 4.4.3
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.containers import containers
from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import UNKNOWN
from standfast.audit.table import Setting, judge, none_of

ID = "no-privileged"
TITLE = "Containers have no more rights than they need"
SEVERITY = "high"


def _none_privileged(value: object) -> bool | None:
    found = containers(value)
    return None if found is UNKNOWN else not any(one.get("privileged") for one in found)


TABLE = {
    "aws_ecs_task_definition": (
        Setting("container_definitions", _none_privileged, fix="remove privileged from its containers"),
        Setting("pid_mode", none_of("host"), unset="task", fix="remove pid_mode = host"),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it keeps to itself", "it runs as the machine")
