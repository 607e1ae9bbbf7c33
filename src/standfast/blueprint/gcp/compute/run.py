"""Services on Cloud Run: a container per instance, as many as requests ask for, on the platform's own machines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from standfast.blueprint.environment import command
from standfast.blueprint.gcp.environment import environment, secrets
from standfast.blueprint.gcp.keys import DATA_KEY, opens
from standfast.blueprint.gcp.network import network, subnet
from standfast.blueprint.gcp.site import Site, email
from standfast.blueprint.model import Block, Ref, Resource
from standfast.blueprint.site import Hosted, reason

SET_BY_PLATFORM = "PORT"  # which Cloud Run sets itself, and refuses to be told


def resources(site: Site) -> Iterator[Resource]:
    if site.plan.shape != "container":
        return
    for host in site.hosted:
        yield _service(site, host)


def _service(site: Site, host: Hosted) -> Resource:
    part, size = site.part(host.name, "compute", host.service.place), host.choice.size
    least = int(size.get("min_count", host.choice.count))
    most = max(int(size.get("max_count", 2 * host.choice.count)), least)
    template = {
        "service_account": email(host),
        "execution_environment": "EXECUTION_ENVIRONMENT_GEN2",
        "encryption_key": DATA_KEY,
        "timeout": "60s",
        "scaling": Block({"min_instance_count": least, "max_instance_count": most}),
        "vpc_access": Block(
            {
                "egress": "ALL_TRAFFIC",
                "network_interfaces": Block(
                    {"network": network(site), "subnetwork": subnet("app"), "tags": [site.name(host.name)]}
                ),
            }
        ),
        "containers": Block(_container(site, host)),
    }
    settings: dict[str, Any] = {
        "name": site.name(host.name, limit=49),
        "location": site.region,
        "ingress": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
        "default_uri_disabled": True,
        # the balancer carries no identity; who reaches it is the firewall's and the web firewall's to say
        "invoker_iam_disabled": True,
        "deletion_protection": True,
        "template": Block(template),
        "traffic": Block({"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}),
    }
    why = f"{host.name} on {reason(host.choice)} {least} to {most} of them, reached through the balancers alone."
    needs = (opens("containers"), "google_compute_router_nat.out", *_readable(site, host))
    return part.make("google_cloud_run_v2_service", host.id, settings, why, depends_on=needs)


def _container(site: Site, host: Hosted) -> dict[str, Any]:
    size = host.choice.size
    variables = [
        Block({"name": name, "value": value})
        for name, value in environment(site, host).items()
        if name != SET_BY_PLATFORM
    ]
    for name, secret in secrets(site, host).items():
        entry = {"secret": Ref(f"google_secret_manager_secret.{secret}", "secret_id"), "version": "latest"}
        variables.append(Block({"name": name, "value_source": Block({"secret_key_ref": Block(entry)})}))
    memory = math.ceil(float(size.get("memory_gib", host.service.memory)) * 1024)
    ask = Block({"path": host.service.health, "port": host.service.port})
    return {
        "image": host.service.image,
        **command(host, "Cloud Run"),
        "ports": Block({"container_port": host.service.port}),
        "env": variables,
        "resources": Block(
            {
                "limits": {"cpu": f"{float(size.get('vcpu', 1)):g}", "memory": f"{memory}Mi"},
                "cpu_idle": False,
                "startup_cpu_boost": True,
            }
        ),
        "startup_probe": Block({"period_seconds": 5, "timeout_seconds": 5, "failure_threshold": 36, "http_get": ask}),
        "liveness_probe": Block({"period_seconds": 10, "timeout_seconds": 5, "failure_threshold": 2, "http_get": ask}),
    }


def _readable(site: Site, host: Hosted) -> tuple[str, ...]:
    """The grants without which a revision that reads a secret does not start."""
    return tuple(
        f"google_secret_manager_secret_iam_member.{host.id}_{secret}" for secret in secrets(site, host).values()
    )
