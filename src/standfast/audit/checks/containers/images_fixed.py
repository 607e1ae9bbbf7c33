"""A tag is one image for ever.

*Looks at*: whether tags of images may be moved
*Why*: who moves a tag changes what runs, and nobody sees it
*Fix*: set image_tag_mutability = IMMUTABLE; docker_config.immutable_tags = true
*Source*: AWS Foundational Security Best Practices, ECR.2; Artifact Registry docs, "Immutable image tags"; both are
movable where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import is_one_of, known
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "images-fixed"
TITLE = "A tag is one image for ever"
SEVERITY = "medium"


def _images(one: Resource) -> bool | None:
    return is_one_of(known(one, "format"), "DOCKER")


TABLE = {
    "aws_ecr_repository": Setting("image_tag_mutability", ("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION")),
    "google_artifact_registry_repository": Setting("docker_config.immutable_tags", True, when=_images),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its tags stay", "its tags may be moved")
