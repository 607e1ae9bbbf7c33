"""The private network: its subnets, the ways in and out, and a record of its traffic."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.gcp.site import Part, Site
from standfast.blueprint.model import Block, Ref, Resource, Var, Variable

# The second number of the address is the site's: a standby on the same network has ranges of its own.
RANGES = {"app": "10.{}.0.0/20", "proxy": "10.{}.16.0/23", "services": "10.{}.48.0/20"}
PODS = "10.{}.0.0/16"
CONTROL = "172.16.0.32/28"  # where the control plane of a cluster is, beside the network
PRIVATE = "10.8.0.0", 20  # where Google puts databases and caches; one range for all regions of a network
RELAYS = ("35.191.0.0/16", "130.211.0.0/22")  # that health checks and balancers come from (Google "Health checks")
LOGIN = "35.235.240.0/20"  # that Identity-Aware Proxy comes from (Google "Using IAP for TCP forwarding")


def network(site: Site) -> Ref | Var:
    """The network's id; a standby on Google Cloud stands in the network of the first site, which spans all regions."""
    return Ref("google_compute_network.main", "id") if site.alone else Var("network")


def subnet(kind: str) -> Ref:
    return Ref(f"google_compute_subnetwork.{kind}", "id")


def cidr(site: Site, kind: str) -> str:
    return RANGES[kind].format(0 if site.alone else 1)


def pods(site: Site) -> str:
    return PODS.format(64 if site.alone else 65)


def needed(site: Site) -> bool:
    """A standby that only keeps copies has no network."""
    return bool(site.hosted or site.databases or site.caches)


def private(site: Site) -> tuple[str, ...]:
    """What has to be there before a database or a cache gets an address inside."""
    return ("google_service_networking_connection.main",) if site.alone else ()


def variables(site: Site) -> Iterator[Variable]:
    if site.hosted or site.databases or site.caches:
        means = "Zones to stand in; gcloud compute zones list tells which a region has"
        yield Variable("zones", "list(string)", means, [*site.zone_names])
    if needed(site) and not site.alone:
        example = "projects/example-project-1/global/networks/example"
        yield Variable("network", "string", "Network of the first site: its output of this name", example=example)


def resources(site: Site) -> Iterator[Resource]:
    if not needed(site):
        return
    part = site.part("network", "network")
    if site.alone:
        settings = {"name": site.name(), "auto_create_subnetworks": False, "routing_mode": "GLOBAL"}
        why = "One network for all regions; nothing in it but what stands here."
        yield part.make("google_compute_network", "main", settings, why)
    if site.hosted:
        yield from _subnets(site, part)
        yield from _out(site, part)
    if site.alone and (site.databases or site.caches):
        yield from _inside(site, part)


def _subnets(site: Site, part: Part) -> Iterator[Resource]:
    own = {"network": network(site), "region": site.region}
    settings = {
        "name": site.name("app"),
        **own,
        "ip_cidr_range": cidr(site, "app"),
        "private_ip_google_access": True,
        "stack_type": "IPV4_ONLY",
        "log_config": Block(
            {"aggregation_interval": "INTERVAL_5_SEC", "flow_sampling": 0.5, "metadata": "INCLUDE_ALL_METADATA"}
        ),
    }
    if site.plan.shape == "kubernetes":
        settings["secondary_ip_range"] = [
            Block({"range_name": "pods", "ip_cidr_range": pods(site)}),
            Block({"range_name": "services", "ip_cidr_range": cidr(site, "services")}),
        ]
    why = "Private: nothing here has an address outside. Google's own services are reached without leaving."
    yield part.make("google_compute_subnetwork", "app", settings, why)
    settings = {
        "name": site.name("proxy"),
        **own,
        "ip_cidr_range": cidr(site, "proxy"),
        "purpose": "REGIONAL_MANAGED_PROXY",
        "role": "ACTIVE",
    }
    why = "Where the balancers of this region speak from."
    yield part.make("google_compute_subnetwork", "proxy", settings, why)


def _out(site: Site, part: Part) -> Iterator[Resource]:
    settings = {"name": site.name("out"), "network": network(site), "region": site.region}
    yield part.make("google_compute_router", "out", settings)
    settings = {
        "name": site.name("out"),
        "router": Ref("google_compute_router.out", "name"),
        "region": site.region,
        "nat_ip_allocate_option": "AUTO_ONLY",
        "source_subnetwork_ip_ranges_to_nat": "LIST_OF_SUBNETWORKS",
        "subnetwork": Block({"name": subnet("app"), "source_ip_ranges_to_nat": ["ALL_IP_RANGES"]}),
        "log_config": Block({"enable": True, "filter": "ERRORS_ONLY"}),
    }
    why = "The way out. Cloud NAT is no machine: the loss of a zone does not take it."
    yield part.make("google_compute_router_nat", "out", settings, why)


def _inside(site: Site, part: Part) -> Iterator[Resource]:
    address, length = PRIVATE
    settings = {
        "name": site.name("private"),
        "network": network(site),
        "purpose": "VPC_PEERING",
        "address_type": "INTERNAL",
        "address": address,
        "prefix_length": length,
    }
    why = "Databases and caches have addresses in here, and none outside."
    yield part.make("google_compute_global_address", "private", settings, why)
    settings = {
        "network": network(site),
        "service": "servicenetworking.googleapis.com",
        "reserved_peering_ranges": [Ref("google_compute_global_address.private", "name")],
    }
    yield part.make("google_service_networking_connection", "main", settings)
