"""CloudTrail: a trail may be deleted by its ARN, as by its name.

docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html, read 2026-11.
"""

from __future__ import annotations

from typing import Any

from standfast.worlds.emulator.shims import around


def install() -> None:
    from moto.cloudtrail.models import CloudTrailBackend

    @around(CloudTrailBackend, "delete_trail")
    def delete_trail(original: Any, self: Any, name: str) -> None:
        original(self, name.rpartition(":trail/")[2])
