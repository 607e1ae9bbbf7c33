"""Application Auto Scaling: the tags of scalable targets, which moto does not keep.

docs.aws.amazon.com/autoscaling/application/APIReference: API_RegisterScalableTarget (Tags), API_ListTagsForResource,
API_TagResource and API_UntagResource, read 2026-11.
"""

from __future__ import annotations

import json
from typing import Any

from standfast.worlds.emulator.shims import added, around


def install() -> None:
    from moto.applicationautoscaling.models import FakeScalableTarget
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

    def target(self: Any) -> Any:
        wanted, known = self._get_param("ResourceARN"), self.applicationautoscaling_backend.targets.values()
        return next((one for targets in known for one in targets.values() if one.arn == wanted), None)

    @around(FakeScalableTarget, "__init__")
    def made(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.tags = {}

    @around(ApplicationAutoScalingResponse, "register_scalable_target")
    def register(original: Any, self: Any) -> str:
        answer = original(self)
        dimension, resource = self._get_param("ScalableDimension"), self._get_param("ResourceId")
        self.applicationautoscaling_backend.targets[dimension][resource].tags |= self._get_param("Tags") or {}
        return answer

    @added(ApplicationAutoScalingResponse)
    def list_tags_for_resource(self: Any) -> str:
        found = target(self)
        return json.dumps({"Tags": found.tags if found else {}})

    @added(ApplicationAutoScalingResponse)
    def tag_resource(self: Any) -> str:
        if found := target(self):
            found.tags |= self._get_param("Tags")
        return "{}"

    @added(ApplicationAutoScalingResponse)
    def untag_resource(self: Any) -> str:
        if found := target(self):
            for key in self._get_param("TagKeys"):
                found.tags.pop(key, None)
        return "{}"
