"""Containers run a named version of an image.

*Looks at*: the tag or digest of every image
*Why*: latest is another image tomorrow, and on the next server
*Fix*: name a version, or better a digest
*Source*: NIST SP 800-190, 4.2.2; Kubernetes docs, "Images": latest where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.containers import containers
from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import LATER, UNKNOWN, all_hold
from standfast.audit.table import Setting, judge

ID = "images-named"
TITLE = "Containers run a named version of an image"
SEVERITY = "medium"


def _named(value: object) -> bool | None:
    """`name`, `host:5000/name` and `name:latest` have no version."""
    if isinstance(value, LATER):
        return None
    image = str(value or "")
    tag = image.rpartition("/")[2].partition(":")[2]
    return "@sha256:" in image or tag not in ("", "latest")


def _all_named(value: object) -> bool | None:
    found = containers(value)
    return None if found is UNKNOWN else all_hold(_named(one.get("image")) for one in found)


TABLE = {
    "azurerm_container_app": Setting("template.container.image", _named, fix="name a version of the image"),
    "google_cloud_run_v2_service": Setting("template.containers.image", _named, fix="name a version of the image"),
    "aws_ecs_task_definition": Setting("container_definitions", _all_named, fix="name a version of the image"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its images have a version", "one of its images has no version, or latest")
