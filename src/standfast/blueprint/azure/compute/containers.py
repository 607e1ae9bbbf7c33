"""Container Apps: an environment in all zones that only the network reaches, and an app for each service."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from standfast.blueprint.azure import identity, keys
from standfast.blueprint.azure.compute.environment import app_name, environment, secrets
from standfast.blueprint.azure.network import VNET_ID, subnet
from standfast.blueprint.azure.site import GROUP, Part, Site
from standfast.blueprint.environment import command
from standfast.blueprint.model import Block, Ref, Resource
from standfast.blueprint.site import Hosted, reason
from standfast.problem import Problem

ENVIRONMENT = "azurerm_container_app_environment.main"
LARGEST, GIB_PER_VCPU = 4.0, 2.0  # of the Consumption profile (Container Apps docs, "Containers": allocations)
BUSY = 60


def resources(site: Site) -> Iterator[Resource]:
    if site.plan.shape != "container" or not site.hosted:
        return
    part = site.part("services", "compute")
    settings = {
        "infrastructure_subnet_id": subnet("containers"),
        "internal_load_balancer_enabled": True,
        "zone_redundancy_enabled": len(site.zone_names) > 1,
        "mutual_tls_enabled": True,
        "public_network_access": "Disabled",
        "logs_destination": "log-analytics",
        "log_analytics_workspace_id": Ref("azurerm_log_analytics_workspace.main", "id"),
        "workload_profile": Block({"name": "Consumption", "workload_profile_type": "Consumption"}),
    }
    why = "Where containers run: in all zones, reached from this network alone, encrypted between one another."
    needs = ("azurerm_subnet_nat_gateway_association.containers",)
    name = site.name("services", limit=60)
    yield part.placed("azurerm_container_app_environment", "main", name, settings, why, depends_on=needs)
    yield from _names(site, part)
    for host in site.hosted:
        yield _app(site, site.part(host.name, "compute", host.service.place), host)


def _names(site: Site, part: Part) -> Iterator[Resource]:
    zone = {"name": Ref(ENVIRONMENT, "default_domain"), "resource_group_name": GROUP}
    why = "The environment's own names, so that the gateway finds the apps."
    yield part.make("azurerm_private_dns_zone", "containers", zone, why, tag=True)
    known = {"private_dns_zone_id": Ref("azurerm_private_dns_zone.containers", "id")}
    link = {"name": site.name("containers"), **known, "virtual_network_id": VNET_ID}
    yield part.make("azurerm_private_dns_zone_virtual_network_link", "containers", link, tag=True)
    record = {"name": "*", **known, "ttl": 300, "records": [Ref(ENVIRONMENT, "static_ip_address")]}
    yield part.make("azurerm_private_dns_a_record", "containers", record, tag=True)


def size(host: Hosted) -> tuple[float, float]:
    """vCPU and GiB as they are sold: two GiB beside each vCPU, in quarters."""
    asked = host.choice.size
    vcpu = max(float(asked.get("vcpu", 0.5)), float(asked.get("memory_gib", 1.0)) / GIB_PER_VCPU)
    vcpu = math.ceil(vcpu * 4) / 4
    return vcpu, vcpu * GIB_PER_VCPU


def too_large(site: Site) -> Iterator[Problem]:
    if site.plan.shape != "container":
        return
    for host in site.hosted:
        if size(host)[0] > LARGEST:
            what = f"a container of {host.name} needs {size(host)[1]:g} GiB"
            why = f"Container Apps sells {LARGEST:g} vCPU and {LARGEST * GIB_PER_VCPU:g} GiB at most"
            fix = "write compute: vm or kubernetes under rules"
            yield Problem(what, why, fix, host.service.where("memory"))


def _app(site: Site, part: Part, host: Hosted) -> Resource:
    hidden = secrets(site, host)
    vcpu, gib = size(host)
    env = [Block({"name": name, "value": value}) for name, value in environment(site, host).items()]
    env += [Block({"name": name, "secret_name": _secret_name(one)}) for name, one in hidden.items()]
    probe = {"transport": "HTTP", "port": host.service.port, "path": host.service.health, "interval_seconds": 10}
    container = {
        "name": "app",
        "image": host.service.image,
        **command(host, "Container Apps"),
        "cpu": vcpu,
        "memory": f"{gib:g}Gi",
        "env": env,
        "liveness_probe": Block({**probe, "failure_count_threshold": 3, "initial_delay": 10}),
        "readiness_probe": Block({**probe, "failure_count_threshold": 2}),
        "startup_probe": Block({**probe, "failure_count_threshold": 10}),
    }
    least = int(host.choice.size.get("min_count", host.choice.count))
    most = max(int(host.choice.size.get("max_count", 2 * host.choice.count)), least)
    scale = {
        "name": "cpu",
        "custom_rule_type": "cpu",
        "metadata": {"type": "Utilization", "value": str(BUSY)},
    }
    template = {
        "min_replicas": max(least, 1),
        "max_replicas": min(most, 1000),
        "termination_grace_period_seconds": 30,
        "container": Block(container),
        "custom_scale_rule": Block(scale),
    }
    settings: dict[str, Any] = {
        "name": app_name(site, host),
        "container_app_environment_id": Ref(ENVIRONMENT, "id"),
        "resource_group_name": GROUP,
        "revision_mode": "Single",
        "workload_profile_name": "Consumption",
        "identity": Block({"type": "UserAssigned", "identity_ids": [identity.who(host)]}),
        "secret": _secrets(host, hidden.values()) or None,
    }
    if registry := identity.registry(host):
        settings["registry"] = Block({"server": f"{registry}.azurecr.io", "identity": identity.who(host)})
    if host.service.public or host.listener is not None:
        settings["ingress"] = Block(
            {
                "external_enabled": host.service.public,  # beyond the environment: to this network
                "target_port": host.service.port,
                "transport": "auto",
                "allow_insecure_connections": host.listener is not None,  # others call it by its name alone
                "traffic_weight": Block({"latest_revision": True, "percentage": 100}),
            }
        )
    settings["template"] = Block(template)
    why = f"{host.name} on {reason(host.choice)} {max(least, 1)} to {min(most, 1000)} of them."
    reads = (f"azurerm_role_assignment.{host.id}_reads_{name}" for name in sorted(identity.readable(site, host)))
    return part.make("azurerm_container_app", host.id, settings, why, tag=True, depends_on=tuple(reads))


def _secrets(host: Hosted, names: Iterable[str]) -> list[Block]:
    """What the app reads of the vault, as its service."""
    who = identity.who(host)
    return [
        Block({"name": _secret_name(one), "identity": who, "key_vault_secret_id": keys.secret(one)})
        for one in dict.fromkeys(names)
    ]


def _secret_name(identifier: str) -> str:
    """As Container Apps takes it: small letters, digits and hyphens."""
    return identifier.lower().replace("_", "-").strip("-")
