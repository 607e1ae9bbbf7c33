"""The network and its firewall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.blueprint.model import Ref, Resource
from standfast.code.cloudformation.words import (
    TAGS,
    UNTAGGED,
    Fold,
    Kind,
    Left,
    Prop,
    Row,
    Unsaid,
    blocks,
    document,
    pascal,
    rules,
)

# Without a rule of its own a group may reach everything; AWS's way to say "nothing" (CloudFormation reference,
# AWS::EC2::SecurityGroup, "Remove the default rule").
NOTHING = {"CidrIp": "127.0.0.1/32", "IpProtocol": "-1", "Description": "Nothing but what is allowed beside this"}
RULE = "description ip_protocol from_port to_port cidr_ipv4:CidrIp cidr_ipv6:CidrIpv6"


def _attachment(gateway: Resource) -> Mapping[str, Any]:
    name = "InternetGatewayId" if gateway.kind == "aws_internet_gateway" else "VpnGatewayId"
    return {"VpcId": gateway.settings["vpc_id"], name: Ref(gateway.address, "id")}


PHASES = {"encryption_algorithms": "EncryptionAlgorithms", "integrity_algorithms": "IntegrityAlgorithms",
          "dh_group_numbers": "DHGroupNumbers"}  # fmt: skip
TUNNELS = ("tunnel1", "tunnel2")


def _tunnels(connection: Resource) -> Mapping[str, Any]:
    """Each tunnel's options as one object of a list."""
    return {"VpnTunnelOptionsSpecifications": [_tunnel(connection.settings, name) for name in TUNNELS]}


def _tunnel(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if f"{name}_ike_versions" in settings:
        said["IKEVersions"] = [{"Value": one} for one in settings[f"{name}_ike_versions"]]
    for phase in ("phase1", "phase2"):
        for setting, word in PHASES.items():
            values = settings.get(f"{name}_{phase}_{setting}")
            if values:
                said[f"{phase.capitalize()}{word}"] = [{"Value": one} for one in values]
    for options in blocks(settings.get(f"{name}_log_options")):
        for log in blocks(options.get("cloudwatch_log_options")):
            said["LogOptions"] = {"CloudwatchLogOptions": {pascal(key): value for key, value in log.items()}}
    return said


OF_TUNNELS = dict.fromkeys(
    [f"{name}_{word}" for name in TUNNELS for word in (
        "ike_versions", "log_options", *(f"{phase}_{one}" for phase in ("phase1", "phase2") for one in PHASES))],
    Left("said as the options of its tunnel"),
)  # fmt: skip


def _rule(side: str, peer: str) -> Row:
    """A rule for addresses stands in its group; one between two groups by itself, as the groups may name each other."""
    said = {**dict.fromkeys(rules(RULE), Left("said in its group")), "tags": UNTAGGED}
    inside = Fold("security_group_id", said, more=lambda rule, _: {f"SecurityGroup{side}": [_inline(rule)]})
    odd = {
        "referenced_security_group_id": Prop(f"{peer}SecurityGroupId"),
        "prefix_list_id": Prop(f"{peer}PrefixListId"),
    }
    apart = Kind(f"AWS::EC2::SecurityGroup{side}", rules(RULE, security_group_id=Prop("GroupId"), **odd, tags=UNTAGGED))
    return lambda rule: apart if set(odd) & set(rule.settings) else inside


def _inline(rule: Resource) -> Mapping[str, Any]:
    names = {setting: prop.name for setting, prop in rules(RULE).items() if isinstance(prop, Prop)}
    return {names[setting]: value for setting, value in rule.settings.items() if setting in names}


KINDS = {
    "aws_vpc": Kind(
        "AWS::EC2::VPC",
        rules("cidr_block enable_dns_hostnames enable_dns_support instance_tenancy", tags=TAGS),
        {"id": "", "cidr_block": "CidrBlock", "default_security_group_id": "DefaultSecurityGroup"},
    ),
    "aws_default_security_group": Unsaid(
        "CloudFormation cannot take rules away from a group that it did not make",
        "empty it once with the two commands of README.md; nothing uses this group",
    ),
    "aws_subnet": Kind(
        "AWS::EC2::Subnet", rules("vpc_id cidr_block availability_zone map_public_ip_on_launch", tags=TAGS)
    ),
    "aws_internet_gateway": Kind(
        "AWS::EC2::InternetGateway",
        rules("", vpc_id=Left("said by the attachment beside it"), tags=TAGS),
        beside=("AWS::EC2::VPCGatewayAttachment", _attachment),
    ),
    "aws_vpn_gateway": Kind(
        "AWS::EC2::VPNGateway",
        rules("amazon_side_asn", vpc_id=Left("said by the attachment beside it"), tags=TAGS),
        beside=("AWS::EC2::VPCGatewayAttachment", _attachment),
        absent={"Type": "ipsec.1"},
    ),
    "aws_customer_gateway": Kind(
        "AWS::EC2::CustomerGateway", rules("ip_address type", bgp_asn=Prop("BgpAsn", int), tags=TAGS)
    ),
    "aws_vpn_connection": Kind(
        "AWS::EC2::VPNConnection",
        {**rules("customer_gateway_id vpn_gateway_id type static_routes_only", tags=TAGS), **OF_TUNNELS},
        more=_tunnels,
        lint=("I3037",),  # the two tunnels are alike, and are meant to be
    ),
    "aws_vpn_connection_route": Kind("AWS::EC2::VPNConnectionRoute", rules("vpn_connection_id destination_cidr_block")),
    "aws_eip": Kind(
        "AWS::EC2::EIP",
        rules("domain", tags=TAGS),
        {"id": "AllocationId", "public_ip": "", "allocation_id": "AllocationId"}
    ),
    "aws_nat_gateway": Kind("AWS::EC2::NatGateway", rules("allocation_id subnet_id", tags=TAGS)),
    "aws_route_table": Kind("AWS::EC2::RouteTable", rules("vpc_id", tags=TAGS)),
    "aws_route": Kind(
        "AWS::EC2::Route",
        rules("route_table_id destination_cidr_block destination_ipv6_cidr_block:DestinationIpv6CidrBlock"
              " gateway_id nat_gateway_id transit_gateway_id vpc_peering_connection_id"),
    ),
    "aws_vpc_peering_connection": Kind(
        "AWS::EC2::VPCPeeringConnection", rules("vpc_id peer_vpc_id peer_region", tags=TAGS)
    ),
    "aws_vpc_peering_connection_accepter": Fold(
        "vpc_peering_connection_id",
        {"auto_accept": Left("within an account a peering is accepted as it is made", True),
         "tags": Left("the tags of the peering are its own")},
    ),
    "aws_route_table_association": Kind(
        "AWS::EC2::SubnetRouteTableAssociation", rules("subnet_id route_table_id")
    ),
    "aws_vpc_endpoint": Kind(
        "AWS::EC2::VPCEndpoint",
        rules("vpc_id service_name vpc_endpoint_type route_table_ids subnet_ids security_group_ids private_dns_enabled",
              policy=Prop("PolicyDocument", document), tags=TAGS),
    ),
    "aws_flow_log": Kind(
        "AWS::EC2::FlowLog",
        rules("vpc_id:ResourceId traffic_type iam_role_arn:DeliverLogsPermissionArn log_destination"
              " log_destination_type max_aggregation_interval log_format", tags=TAGS),
        more=lambda _: {"ResourceType": "VPC"},
    ),
    "aws_security_group": Kind(
        "AWS::EC2::SecurityGroup",
        rules("name:GroupName description:GroupDescription vpc_id", tags=TAGS),
        {"id": "GroupId", "arn": "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:security-group/{GroupId}"},
        absent={"SecurityGroupEgress": [NOTHING]},
    ),
    "aws_vpc_security_group_egress_rule": _rule("Egress", "Destination"),
    "aws_vpc_security_group_ingress_rule": _rule("Ingress", "Source"),
}  # fmt: skip
