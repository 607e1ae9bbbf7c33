"""The private network: three kinds of subnet in each zone, the ways in and out, and a record of the traffic."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, collapse_addresses

from standfast.blueprint.aws.policy import OWN_ACCOUNT, allow, assumed_by, below, document
from standfast.blueprint.aws.site import Part, Site, several
from standfast.blueprint.model import Ref, Resource, Var, Variable

FIRST, STANDBY = IPv4Network("10.0.0.0/16"), IPv4Network("10.1.0.0/16")  # apart, so that the two can be joined
# Kinds of subnet: how many addresses, and where they begin within the network. There is room for eight zones.
SUBNETS = {"public": (24, 0), "app": (20, 1), "data": (24, 8)}
VPC_ID = Ref("aws_vpc.main", "id")


def block_of(site: Site) -> IPv4Network:
    return STANDBY if site.first else FIRST


def stands(site: Site) -> bool:
    """Whether anything here needs a network: a standby may hold copies only."""
    return bool(site.hosted or site.databases or site.caches)


def subnets(kind: str, zones: range) -> list[Ref]:
    """References to the subnets of a kind."""
    return [Ref(f"aws_subnet.{kind}_{zone + 1}", "id") for zone in zones]


def ranges(kind: str) -> tuple[str, ...]:
    """The addresses that the subnets of a kind may have, as CIDRs: the blocks set aside for it, in whatever zones."""
    prefix, start = SUBNETS[kind]
    blocks = list(FIRST.subnets(new_prefix=prefix))[start : start + 8]
    return tuple(str(one) for one in collapse_addresses(blocks))


def app_blocks(site: Site) -> list[str]:
    """The addresses of a site's services, as CIDRs."""
    prefix, start = SUBNETS["app"]
    blocks = list(block_of(site).subnets(new_prefix=prefix))
    return [str(blocks[start + zone]) for zone in site.zones]


def variables(site: Site) -> Iterator[Variable]:
    if not stands(site):
        return
    means = "Availability zones; which letters an account sees: aws ec2 describe-availability-zones"
    yield Variable("zones", "list(string)", means, [*site.zone_names])


def resources(site: Site) -> Iterator[Resource]:
    if not stands(site):
        return
    part = site.part("network", "network")
    vpc = {"cidr_block": str(block_of(site)), "enable_dns_hostnames": True, "enable_dns_support": True}
    yield part.make("aws_vpc", "main", vpc, tag=site.name())
    why = "The default security group allows nothing: what has no group of its own can talk to nobody."
    yield part.make("aws_default_security_group", "default", {"vpc_id": VPC_ID}, why, tag=site.name("default"))
    for kind in SUBNETS:
        for zone in site.zones:
            yield _subnet(site, part, kind, zone)
    yield from _public(site, part)
    yield from _private(site, part)
    yield from _flow_log(site, part)


def _subnet(site: Site, part: Part, kind: str, zone: int) -> Resource:
    prefix, start = SUBNETS[kind]
    # app subnets lie in the upper blocks of the network; the small ones share the lowest
    block = list(block_of(site).subnets(new_prefix=prefix))[start + zone]
    settings = {
        "vpc_id": VPC_ID,
        "cidr_block": str(block),
        "availability_zone": Var("zones", zone),
        "map_public_ip_on_launch": False,
    }
    why = {
        "public": "Public: balancers and NAT gateways only.",
        "app": "Private: the servers. They reach out through NAT and are not reached from outside.",
        "data": "Isolated: databases and caches, with no way to or from the internet.",
    }
    name = f"{kind}_{zone + 1}"
    why_first = why[kind] if zone == 0 else ""
    return part.make("aws_subnet", name, settings, why_first, tag=site.name(kind, str(zone + 1)))


def _public(site: Site, part: Part) -> Iterator[Resource]:
    yield part.make("aws_internet_gateway", "main", {"vpc_id": VPC_ID}, tag=site.name())
    yield part.make("aws_route_table", "public", {"vpc_id": VPC_ID}, tag=site.name("public"))
    out = {"destination_cidr_block": "0.0.0.0/0", "gateway_id": Ref("aws_internet_gateway.main", "id")}
    yield part.make("aws_route", "public_internet", {"route_table_id": Ref("aws_route_table.public", "id"), **out})
    yield from (_association(part, "public", zone, "public") for zone in site.zones)


def _private(site: Site, part: Part) -> Iterator[Resource]:
    """A route table per zone, each out through a NAT gateway: its own zone's, where the plan buys one per zone."""
    choice = site.plan.choice("network")
    gateways = min(max(choice.count if choice else 1, 1), len(site.zones)) if site.hosted else 0
    for number in range(1, gateways + 1):
        why = ""
        if number == 1:
            why = (
                "One NAT gateway per zone: the loss of a zone takes no other zone's way out."
                if gateways == len(site.zones)
                else f"{several(gateways, 'NAT gateway')} for all zones: cheaper, but lost with its zone."
            )
        name = site.name("nat", str(number))
        yield part.make("aws_eip", f"nat_{number}", {"domain": "vpc"}, why, tag=name)
        settings = {
            "allocation_id": Ref(f"aws_eip.nat_{number}", "id"),
            "subnet_id": Ref(f"aws_subnet.public_{number}", "id"),
        }
        needs = ("aws_internet_gateway.main",)
        yield part.make("aws_nat_gateway", f"nat_{number}", settings, tag=name, depends_on=needs)
    for zone in site.zones:
        table = f"app_{zone + 1}"
        yield part.make("aws_route_table", table, {"vpc_id": VPC_ID}, tag=site.name("app", str(zone + 1)))
        if gateways == 0:  # nothing here calls out yet
            yield _association(part, "app", zone, table)
            continue
        nat = Ref(f"aws_nat_gateway.nat_{min(zone, gateways - 1) + 1}", "id")
        route = {"route_table_id": Ref(f"aws_route_table.{table}", "id"), "destination_cidr_block": "0.0.0.0/0"}
        yield part.make("aws_route", f"{table}_out", {**route, "nat_gateway_id": nat})
        yield _association(part, "app", zone, table)
    why = "No route leads out of the isolated subnets."
    yield part.make("aws_route_table", "data", {"vpc_id": VPC_ID}, why, tag=site.name("data"))
    yield from (_association(part, "data", zone, "data") for zone in site.zones)
    tables = [Ref(f"aws_route_table.app_{zone + 1}", "id") for zone in site.zones]
    endpoint = {
        "vpc_id": VPC_ID,
        "service_name": f"com.amazonaws.{site.plan.region}.s3",
        "vpc_endpoint_type": "Gateway",
        "route_table_ids": tables,
    }
    why = "S3 is reached inside the network: free of charge, and not through NAT."
    yield part.make("aws_vpc_endpoint", "s3", endpoint, why, tag=site.name("s3"))


def _association(part: Part, kind: str, zone: int, table: str) -> Resource:
    subnet = Ref(f"aws_subnet.{kind}_{zone + 1}", "id")
    settings = {"subnet_id": subnet, "route_table_id": Ref(f"aws_route_table.{table}", "id")}
    return part.make("aws_route_table_association", f"{kind}_{zone + 1}", settings)


def _flow_log(site: Site, part: Part) -> Iterator[Resource]:
    group = {
        "name": f"/{site.name()}/flow",
        "retention_in_days": site.log_days,
        "kms_key_id": Ref("aws_kms_key.logs", "arn"),
    }
    why = "Who talked to whom, accepted or refused."
    yield part.make("aws_cloudwatch_log_group", "flow", group, why, tag=site.name("flow"))
    yield part.make(
        "aws_iam_role",
        "flow",
        {"name": site.name("flow-logs"), "assume_role_policy": assumed_by("vpc-flow-logs.amazonaws.com", OWN_ACCOUNT)},
        tag=site.name("flow-logs"),
    )
    actions = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    write = allow(actions, below(Ref("aws_cloudwatch_log_group.flow", "arn"), ":*"), "Write")
    find = allow("logs:DescribeLogGroups", "*", "FindGroup")  # names only; AWS gives it for all groups or for none
    policy = {"name": "write", "role": Ref("aws_iam_role.flow", "id"), "policy": document(write, find)}
    yield part.make("aws_iam_role_policy", "flow", policy)
    flow = {
        "vpc_id": VPC_ID,
        "traffic_type": "ALL",
        "iam_role_arn": Ref("aws_iam_role.flow", "arn"),
        "log_destination": Ref("aws_cloudwatch_log_group.flow", "arn"),
    }
    yield part.make("aws_flow_log", "main", flow, tag=site.name())
