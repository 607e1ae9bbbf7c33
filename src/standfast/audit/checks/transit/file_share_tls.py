"""File shares are mounted over TLS.

*Looks at*: how tasks mount shared file systems, and over which protocols they are offered
*Why*: files cross the network here
*Fix*: set transit_encryption = ENABLED; for Azure shares SMB 3 with AES-256
*Source*: AWS Foundational Security Best Practices, ECS; Amazon ECS Developer Guide, "Using Amazon EFS volumes": off
where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, leaves
from standfast.blueprint import Resource

ID = "file-share-tls"
TITLE = "File shares are mounted over TLS"
SEVERITY = "medium"


def _mounts(one: Resource) -> bool:
    return any(value is not None for value in leaves(one, "volume.efs_volume_configuration.file_system_id"))


TABLE = {
    "aws_ecs_task_definition": Setting("volume.efs_volume_configuration.transit_encryption", "ENABLED", when=_mounts),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is mounted over TLS", "it is mounted in plain words")
