"""Route 53: a zone that is created with a network is private.

docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html (VPC), read 2026-11.
"""

from __future__ import annotations

from typing import Any

from standfast.worlds.emulator.shims import around


def install() -> None:
    from moto.route53.responses import Route53

    @around(Route53, "create_hosted_zone")
    def create_hosted_zone(original: Any, self: Any) -> Any:
        if self._get_param("VPC.VPCId"):
            self.params.setdefault("HostedZoneConfig", {})["PrivateZone"] = True
        return original(self)
