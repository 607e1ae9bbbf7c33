"""EC2: a launch template's own tags are not its instances', a firewall rule keeps its description, and a VPN connection
its options and routes.

docs.aws.amazon.com/AWSEC2/latest/APIReference: API_CreateLaunchTemplate (TagSpecification), API_SecurityGroupRule
(Description), API_CreateVpnConnection (Options) and API_CreateVpnConnectionRoute, read 2026-11.
"""

from __future__ import annotations

from typing import Any

from standfast.worlds.emulator.shims import added, around


def install() -> None:
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.launch_templates import LaunchTemplateVersion
    from moto.ec2.models.security_groups import SecurityGroupRule

    @around(LaunchTemplateVersion, "__init__")
    def version(original: Any, self: Any, template: Any, number: Any, data: Any, description: Any) -> None:
        specifications = data.get("TagSpecifications") or []
        kept = [one for one in specifications if one.get("ResourceType") != "launch-template"]
        data = {key: value for key, value in data.items() if key != "TagSpecifications"}
        original(self, template, number, {**data, "TagSpecifications": kept} if kept else data, description)

    def description(self: Any) -> str | None:
        return self.ip_range.get("Description") or getattr(self, "said_of_group", None)

    setattr(SecurityGroupRule, "description", property(description))  # noqa: B010 (a property has no setter)

    def keep_description(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        """moto keeps what is said of an address range, and drops what is said of another group."""
        asked = [*(kwargs.get("source_groups") or ()), *(kwargs.get("prefix_list_ids") or ())]
        said = {one.get("GroupId") or one.get("PrefixListId"): one.get("Description") for one in asked}
        rules, group = original(self, *args, **kwargs)
        for rule in rules:
            rule.said_of_group = said.get(rule.source_group.get("GroupId") or rule.prefix_list_id)
        return rules, group

    around(EC2Backend, "authorize_security_group_ingress")(keep_description)
    around(EC2Backend, "authorize_security_group_egress")(keep_description)
    _vpn()


def _vpn() -> None:
    from moto.core.responses import EmptyResult
    from moto.ec2.models.vpn_connections import VPNConnection
    from moto.ec2.responses.vpn_connections import VPNConnections

    @around(VPNConnection, "__init__")
    def made(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.routes = []

    @around(VPNConnection, "get_filter_value")
    def get_filter_value(original: Any, self: Any, name: str, *args: Any) -> Any:
        if name == "route.destination-cidr-block":
            return [one["DestinationCidrBlock"] for one in self.routes]
        if name == "vpn-connection-id":
            return self.id
        return original(self, name, *args)

    @around(VPNConnections, "create_vpn_connection")
    def create_vpn_connection(original: Any, self: Any) -> Any:
        answer = original(self)
        asked = self._get_param("Options") or {}
        tunnels = (*(asked.get("TunnelOptions") or ()), {}, {})[:2]
        tunnels = tuple({"IkeVersions": one.get("IKEVersions", []), **one} for one in tunnels)  # spelt so in answers
        given = [{"OutsideIpAddress": f"203.0.113.{n}", "TunnelInsideCidr": f"169.254.{n}.0/30"} for n in (10, 11)]
        options = [{**addresses, **one} for addresses, one in zip(given, tunnels, strict=True)]
        answer.result["VpnConnection"].options = {**asked, "TunnelOptions": options}
        return answer

    @added(VPNConnections)
    def create_vpn_connection_route(self: Any) -> Any:
        route = {"DestinationCidrBlock": self._get_param("DestinationCidrBlock"), "State": "available"}
        self.ec2_backend.vpn_connections[self._get_param("VpnConnectionId")].routes.append(route)
        return EmptyResult()

    @added(VPNConnections)
    def delete_vpn_connection_route(self: Any) -> Any:
        connection = self.ec2_backend.vpn_connections[self._get_param("VpnConnectionId")]
        gone = self._get_param("DestinationCidrBlock")
        connection.routes = [one for one in connection.routes if one["DestinationCidrBlock"] != gone]
        return EmptyResult()
