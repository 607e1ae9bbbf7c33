"""ECS: a service keeps how it is spread, tagged and given time to start, which moto drops.

docs.aws.amazon.com/AmazonECS/latest/APIReference: API_CreateService, API_UpdateService and API_Service, read 2026-11.
"""

from __future__ import annotations

from typing import Any

from standfast.worlds.emulator.shims import around

# what is asked -> where moto's answer would look for it
KEPT = {
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "deploymentConfiguration": "deployment_configuration",
}


def install() -> None:
    from moto.ecs.responses import EC2ContainerServiceResponse

    def keep(original: Any, self: Any) -> Any:
        answer = original(self)
        service = answer.result["service"]
        for asked, name in KEPT.items():
            value = self._get_param(asked)
            if value is not None:
                setattr(service, name, value)
        return answer

    around(EC2ContainerServiceResponse, "create_service")(keep)
    around(EC2ContainerServiceResponse, "update_service")(keep)
