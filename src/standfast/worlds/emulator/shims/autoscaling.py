"""Auto Scaling: a policy is enabled, and has a predictive configuration only when it was given one.

docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScalingPolicy.html, read 2026-11.
"""

from __future__ import annotations

from typing import Any

from standfast.worlds.emulator.shims import around


def install() -> None:
    from moto.autoscaling.models import FakeScalingPolicy
    from moto.autoscaling.responses import AutoScalingResponse

    @around(AutoScalingResponse, "put_scaling_policy")
    def put_scaling_policy(original: Any, self: Any) -> Any:
        answer = original(self)
        params = self._get_params()
        for policy in self.autoscaling_backend.policies.values():
            if policy.name == params.get("PolicyName"):
                policy.enabled = params.get("Enabled", True)
        return answer

    @around(FakeScalingPolicy, "__init__")
    def policy(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.enabled = True
        self.predictive_scaling_configuration = self.predictive_scaling_configuration or None
