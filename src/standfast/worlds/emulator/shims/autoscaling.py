"""Auto Scaling: names of policies are per group, a policy is enabled and predicts nothing unasked, warm-up is kept.

docs.aws.amazon.com/autoscaling/ec2/APIReference: API_ScalingPolicy, API_AutoScalingGroup, read 2026-11.
"""

from __future__ import annotations

from typing import Any

from standfast.worlds.emulator.shims import around


def install() -> None:
    from moto.autoscaling.models import AutoScalingBackend, FakeScalingPolicy
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.core.responses import EmptyResult

    @around(FakeScalingPolicy, "__init__")
    def policy(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.enabled = True
        self.predictive_scaling_configuration = self.predictive_scaling_configuration or None

    @around(AutoScalingBackend, "put_scaling_policy")
    def put_scaling_policy(original: Any, self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        other = self.policies.pop(name, None)  # only ever there if moto finds another way to write one
        made = original(self, name, *args, **kwargs)
        self.policies[f"{made.auto_scaling_group_name}/{name}"] = self.policies.pop(name)
        if other is not None:
            self.policies[name] = other
        return made

    @around(AutoScalingResponse, "put_scaling_policy")
    def enabled(original: Any, self: Any) -> Any:
        answer = original(self)
        params = self._get_params()
        made = self.autoscaling_backend.policies[f"{params['AutoScalingGroupName']}/{params['PolicyName']}"]
        made.enabled = params.get("Enabled", True)
        return answer

    @around(AutoScalingResponse, "delete_policy")
    def delete_policy(original: Any, self: Any) -> Any:
        policies, params = self.autoscaling_backend.policies, self._get_params()
        name, group = params["PolicyName"], params.get("AutoScalingGroupName")
        for key, one in list(policies.items()):
            if name in (one.name, one.arn) and group in (None, one.auto_scaling_group_name):
                del policies[key]
        return EmptyResult()

    def keep_warmup(original: Any, self: Any) -> Any:
        answer = original(self)
        warmup, name = self._get_int_param("DefaultInstanceWarmup"), self._get_param("AutoScalingGroupName")
        if warmup is not None:
            self.autoscaling_backend.autoscaling_groups[name].default_instance_warmup = warmup
        return answer

    around(AutoScalingResponse, "create_auto_scaling_group")(keep_warmup)
    around(AutoScalingResponse, "update_auto_scaling_group")(keep_warmup)
