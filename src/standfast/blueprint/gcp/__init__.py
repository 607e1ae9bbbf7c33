"""Google Cloud: one region, services on servers, Cloud Run or a cluster, managed stores, own keys everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.gcp import firewall, identity, keys, names, network, services, site, watch
from standfast.blueprint.gcp.compute import cluster, group, run
from standfast.blueprint.gcp.data import backup, managed, objects, stores
from standfast.blueprint.gcp.edge import balancer, delivery, domain, shield, tunnel
from standfast.blueprint.gcp.notes import notes
from standfast.blueprint.model import Blueprint, Join, Output, Ref, Resource, Variable
from standfast.blueprint.site import collisions, identifier
from standfast.plan import Plan
from standfast.problem import Problems

# In the order in which a reader meets them in the code.
CONCERNS = (
    network, tunnel, firewall, domain, shield, balancer, delivery, group, run, cluster, managed, objects, identity,
    keys, backup, watch,
)  # fmt: skip
# No log-shipping: Cloud SQL keeps its log in its own region only (docs/limits.md).
WRITES = frozenset(
    {"vm", "container", "kubernetes", "read replicas", "backup", "pilot-light", "warm-standby", "active-active"}
)


def blueprint(plan: Plan, first: Plan | None = None) -> Blueprint:
    """All resources of a plan for Google Cloud. Raises Problems for what Google does not sell and for names that clash.

    `first`: the plan whose standby this one is.
    """
    here = site.survey(plan, first)
    if found := list(stores.problems(here)):
        raise Problems(found)
    made = [resource for concern in CONCERNS for resource in concern.resources(here)]
    resources = tuple(services.with_services(here, made))
    if found := [*collisions(here.system, resources), *names.problems(here, resources)]:
        raise Problems(found)
    return Blueprint(
        "gcp", plan.region, plan.system.name, resources, tuple(_variables(here)), tuple(_outputs(here, resources)),
        here.tags, notes(here), platform=cluster.platform(here) if here.clustered else {},
    )  # fmt: skip


def _variables(here: site.Site) -> Iterator[Variable]:
    means = "Id of the project that all of this is in"
    pattern = r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$"
    yield Variable("project", "string", means, pattern=pattern, example="example-project-1")
    means = "What this is: production, staging, ..."
    yield Variable("environment", "string", means, "production", pattern="^[a-z0-9_-]{1,63}$")
    for concern in (domain, network, tunnel, managed, keys, backup):
        yield from concern.variables(here)


def _outputs(here: site.Site, resources: tuple[Resource, ...]) -> Iterator[Output]:
    for host in here.public:
        name = here.host(host.name)
        url = Join(("https://", *(name.parts if isinstance(name, Join) else (name,))))
        yield Output(f"{host.id}_url", f"Where users reach {host.name}", url)
    if here.public:
        yield Output("front", "Address that users come to", balancer.front(here))
    if here.first is None and domain.serves(here):
        servers = Ref("google_dns_managed_zone.main", "name_servers")
        yield Output("name_servers", "Set the name servers of the domain to these", servers)
        yield Output("zone", "Public zone of the domain", Ref("google_dns_managed_zone.main", "name"))
    if here.alone and network.needed(here):
        yield Output("network", "The network", Ref("google_compute_network.main", "id"))
    for kept in here.buckets:
        yield Output(f"{kept.id}_bucket", f"Bucket of {kept.name}", objects.name(kept.id))
    for kept in here.databases:
        yield from _database(kept.id, kept.name)
    if here.first is not None and here.alone:
        for one in resources:
            if one.kind == "google_certificate_manager_dns_authorization":
                proof = Ref(one.address, "dns_resource_record")
                yield Output(f"{one.name}_proof", "Record that proves the domain: put it into its zone", proof)
    for name in keys.declared_secrets(here):
        secret = Ref(f"google_secret_manager_secret.{identifier(name)}", "secret_id")
        yield Output(f"secret_{identifier(name)}", f"Secret to be filled with {name}", secret)


def _database(name: str, shown: str) -> Iterator[Output]:
    told: dict[str, tuple[str, Any]] = {
        "address": (f"Where {shown} listens, inside the network", "private_ip_address"),
        "instance": (f"Name of {shown}", "name"),
        "account": (f"Account with which {shown} writes its exports", "service_account_email_address"),
    }
    for end, (means, attribute) in told.items():
        yield Output(f"{name}_{end}", means, stores.instance(name, attribute))
