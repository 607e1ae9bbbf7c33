"""CloudTrail: a trail may be deleted by its ARN, as by its name, and only those are described that were asked for.

docs.aws.amazon.com/awscloudtrail/latest/APIReference: API_DeleteTrail and API_DescribeTrails (trailNameList), read
2026-11.
"""

from __future__ import annotations

import json
from typing import Any

from standfast.worlds.emulator.shims import around


def install() -> None:
    from moto.cloudtrail.models import CloudTrailBackend
    from moto.cloudtrail.responses import CloudTrailResponse

    @around(CloudTrailBackend, "delete_trail")
    def delete_trail(original: Any, self: Any, name: str) -> None:
        original(self, name.rpartition(":trail/")[2])

    @around(CloudTrailResponse, "describe_trails")
    def describe_trails(original: Any, self: Any) -> str:
        wanted, answer = self._get_param("trailNameList"), json.loads(original(self))
        if wanted:
            found = [one for one in answer["trailList"] if {one["Name"], one.get("TrailARN")} & set(wanted)]
            answer["trailList"] = found
        return json.dumps(answer)
