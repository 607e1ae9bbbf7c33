"""Private access: a tunnel to the network that users come from, and AWS's own services answered inside ours."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.aws.environment import registry
from standfast.blueprint.aws.keys import LOGS_KEY
from standfast.blueprint.aws.net.firewall import ENDPOINTS, group
from standfast.blueprint.aws.net.network import VPC_ID, subnets
from standfast.blueprint.aws.policy import ACCOUNT, allow, document
from standfast.blueprint.aws.site import Part, Site
from standfast.blueprint.model import Block, Ref, Resource, Var, Variable

CLIENTS, GATEWAY = Var("client_cidr"), Ref("aws_vpn_gateway.main", "id")
ASN = 65_000  # of the other side: a private number (RFC 6996), unused where routes are static
# AES-256 and a group of 3072 bits or an elliptic curve; the weaker ones that AWS would take as well are left out
# (Site-to-Site VPN user guide, "Tunnel options").
CIPHERS, HASHES, GROUPS = ["AES256", "AES256-GCM-16"], ["SHA2-256", "SHA2-384"], [15, 16, 19, 20, 21]


def variables(site: Site) -> Iterator[Variable]:
    if not (site.private and site.hosted):
        return
    means = "Network that users come from, as CIDR"
    yield Variable("client_cidr", "string", means, "192.168.0.0/16", pattern=r"^[0-9.]+/[0-9]+$")
    means = "Public address of the VPN device before that network"
    yield Variable("client_gateway", "string", means, pattern=r"^[0-9]+(\.[0-9]+){3}$", example="203.0.113.10")


def resources(site: Site) -> Iterator[Resource]:
    if site.private and site.hosted:
        part = site.part("network", "network", site.system.where("security.exposure"))
        yield from _tunnel(site, part)
        yield from _endpoints(site, part)


def _tunnel(site: Site, part: Part) -> Iterator[Resource]:
    log = {"name": f"/{site.name()}/vpn", "retention_in_days": site.log_days, "kms_key_id": LOGS_KEY}
    yield part.make("aws_cloudwatch_log_group", "vpn", log, tag=site.name("vpn"))
    device = {"bgp_asn": str(ASN), "ip_address": Var("client_gateway"), "type": "ipsec.1"}
    why = "Users come through this tunnel alone: nothing here has an address that the internet reaches."
    yield part.make("aws_customer_gateway", "main", device, why, tag=site.name("users"))
    yield part.make("aws_vpn_gateway", "main", {"vpc_id": VPC_ID}, tag=site.name())
    settings = {
        "customer_gateway_id": Ref("aws_customer_gateway.main", "id"),
        "vpn_gateway_id": GATEWAY,
        "type": "ipsec.1",
        "static_routes_only": True,
    }
    to = {"log_enabled": True, "log_group_arn": Ref("aws_cloudwatch_log_group.vpn", "arn"), "log_output_format": "json"}
    for tunnel in ("tunnel1", "tunnel2"):
        settings[f"{tunnel}_ike_versions"] = ["ikev2"]
        for phase in ("phase1", "phase2"):
            settings[f"{tunnel}_{phase}_encryption_algorithms"] = CIPHERS
            settings[f"{tunnel}_{phase}_integrity_algorithms"] = HASHES
            settings[f"{tunnel}_{phase}_dh_group_numbers"] = GROUPS
    for tunnel in ("tunnel1", "tunnel2"):
        settings[f"{tunnel}_log_options"] = Block({"cloudwatch_log_options": Block(to)})
    yield part.make("aws_vpn_connection", "main", settings, "Two tunnels: AWS keeps up one at least.", tag=site.name())
    connection = Ref("aws_vpn_connection.main", "id")
    route = {"vpn_connection_id": connection, "destination_cidr_block": CLIENTS}
    yield part.make("aws_vpn_connection_route", "main", route)
    for zone in site.zones:  # the balancer stands in these
        table = Ref(f"aws_route_table.app_{zone + 1}", "id")
        back = {"route_table_id": table, "destination_cidr_block": CLIENTS, "gateway_id": GATEWAY}
        yield part.make("aws_route", f"app_{zone + 1}_users", back)


def services(site: Site) -> list[str]:
    """The services of AWS that this system calls, beside S3: for its logs, its secrets, its start."""
    found = ["logs", "secretsmanager"]
    if not site.contained:
        found += ["ec2messages", "ssm", "ssmmessages"]
    if any(registry(host) for host in site.hosted):
        found += ["ecr.api", "ecr.dkr"]
    return sorted(found)


def _endpoints(site: Site, part: Part) -> Iterator[Resource]:
    """Only our own account may be called through them, so that nothing can be carried out to another."""
    ours = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
    for number, name in enumerate(services(site)):
        settings = {
            "vpc_id": VPC_ID,
            "service_name": f"com.amazonaws.{site.plan.region}.{name}",
            "vpc_endpoint_type": "Interface",
            "subnet_ids": subnets("app", site.zones),
            "security_group_ids": [group(ENDPOINTS)],
            "private_dns_enabled": True,
            "policy": document(allow("*", "*", principal={"AWS": "*"}, condition=ours)),
        }
        why = "Answered inside the network: these calls do not leave it." if number == 0 else ""
        words = name.replace(".", "_")
        yield part.make("aws_vpc_endpoint", words, settings, why, tag=site.name(name.replace(".", "-")))
