"""Images are looked through for known holes.

*Looks at*: scanning of images in registries
*Why*: most holes in an image are known, and fixed in the next one
*Fix*: set scan_on_push = true; inherit the scanning of the project
*Source*: AWS Foundational Security Best Practices, ECR.1; Artifact Analysis docs, "Container scanning"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, none_of

ID = "images-scanned"
TITLE = "Images are looked through for known holes"
SEVERITY = "medium"


TABLE = {
    "aws_ecr_repository": Setting("image_scanning_configuration.scan_on_push", True),
    "google_artifact_registry_repository": Setting(
        "vulnerability_scanning_config.enablement_config", none_of("DISABLED"), unset="INHERITED"
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its images are scanned", "its images are not scanned")
