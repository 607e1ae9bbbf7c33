"""One managed group of servers per service: how a server is made, how many there are, and when there are more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.gcp.compute.boot import startup_script
from standfast.blueprint.gcp.compute.scripts import DEVICE
from standfast.blueprint.gcp.edge.balancer import PORT_NAME
from standfast.blueprint.gcp.keys import DATA_KEY, opens
from standfast.blueprint.gcp.network import subnet
from standfast.blueprint.gcp.site import Part, Site, email
from standfast.blueprint.model import Block, Ref, Resource, Var
from standfast.blueprint.site import Hosted, reason, several

BUSY = 0.6  # of CPU at which servers are added: above it queues grow faster than servers start
# Series that take no persistent disks, only Hyperdisk (Google "Machine series comparison", 2026).
HYPERDISK = ("c4", "c4a", "c4d", "n4", "n4a", "n4d")
SYSTEM = {"arm64": "cos-arm64-stable", "x86_64": "cos-stable"}  # image families of Container-Optimized OS
EVERYTHING = "https://www.googleapis.com/auth/cloud-platform"  # the account's roles decide, not the old scopes


def resources(site: Site) -> Iterator[Resource]:
    if site.plan.shape != "vm" or not site.hosted:
        return
    part = site.part("servers", "compute")
    for arch in sorted({arch_of(host) for host in site.hosted}):
        image = {"family": SYSTEM[arch], "project": "cos-cloud"}
        why = "The newest Container-Optimized OS. A new one shows in the plan, and replaces the servers in turn."
        yield part.make("google_compute_image", f"system_{arch}", image, why, data=True)
    for host in site.hosted:
        part = site.part(host.name, "compute", host.service.place)
        if host.stateful:
            yield _disk(site, part, host)
        yield _template(site, part, host)
        yield _group(site, part, host)
        if _most(host) > _least(host):
            yield _scaler(site, part, host)


def arch_of(host: Hosted) -> str:
    return "arm64" if host.choice.size.get("arch") == "arm64" else "x86_64"


def disk_type(machine: str) -> str:
    return "hyperdisk-balanced" if machine.partition("-")[0] in HYPERDISK else "pd-balanced"


def _least(host: Hosted) -> int:
    return 1 if host.stateful else int(host.choice.size.get("min_count", host.choice.count))


def _most(host: Hosted) -> int:
    return 1 if host.stateful else max(int(host.choice.size.get("max_count", 2 * host.choice.count)), _least(host))


def _disk(site: Site, part: Part, host: Hosted) -> Resource:
    settings = {
        "name": site.name(host.name, "data"),
        "zone": Var("zones", 0),
        "type": disk_type(host.choice.offer),
        "size": int(host.choice.size.get("data_gib", host.choice.size.get("disk_gib", 30))),
        "disk_encryption_key": Block({"kms_key_self_link": DATA_KEY}),
    }
    why = f"{host.name} keeps data on this disk; the server that replaces a lost one takes it over."
    return part.make("google_compute_disk", host.id, settings, why, depends_on=(opens("servers"),))


def _template(site: Site, part: Part, host: Hosted) -> Resource:
    key = Block({"kms_key_self_link": DATA_KEY})
    disks = [
        Block(
            {
                "boot": True,
                "auto_delete": True,
                "source_image": Ref(f"data.google_compute_image.system_{arch_of(host)}", "self_link"),
                "disk_type": disk_type(host.choice.offer),
                "disk_size_gb": int(host.choice.size.get("disk_gib", 30)),
                "disk_encryption_key": key,
            }
        )
    ]
    if host.stateful:
        lasting = {"boot": False, "auto_delete": False, "device_name": DEVICE, "mode": "READ_WRITE"}
        disks.append(Block({**lasting, "source": Ref(f"google_compute_disk.{host.id}", "name")}))
    settings: dict[str, Any] = {
        "name_prefix": f"{site.name(host.name, limit=36)}-",
        "region": site.region,
        "machine_type": host.choice.offer,
        "disk": disks,
        "network_interface": Block({"subnetwork": subnet("app")}),
        "service_account": Block({"email": email(host), "scopes": [EVERYTHING]}),
        "shielded_instance_config": Block(
            {"enable_secure_boot": True, "enable_vtpm": True, "enable_integrity_monitoring": True}
        ),
        "metadata": {
            "startup-script": startup_script(site, host),
            "enable-oslogin": "TRUE",
            "block-project-ssh-keys": "TRUE",
            "serial-port-enable": "FALSE",
            "google-logging-enabled": "true",
            "google-monitoring-enabled": "true",
            "cos-update-strategy": "update_disabled",
        },
    }
    why = f"{host.name} on {reason(host.choice)} No address outside; people log in through IAP, with OS Login."
    lifecycle = {"create_before_destroy": True}
    return part.make(
        "google_compute_region_instance_template", host.id, settings, why, lifecycle=lifecycle,
        depends_on=(opens("servers"),),
    )  # fmt: skip


def _group(site: Site, part: Part, host: Hosted) -> Resource:
    zones = range(1 if host.stateful else max(1, min(host.choice.zones, len(site.zone_names))))
    # a group over several zones changes as many at once as it has zones, or none
    spare = 0 if host.stateful else len(zones)
    policy = {
        "type": "PROACTIVE",
        "minimal_action": "REPLACE",
        "most_disruptive_allowed_action": "REPLACE",
        "replacement_method": "RECREATE" if host.stateful else "SUBSTITUTE",
        "instance_redistribution_type": "NONE" if host.stateful else "PROACTIVE",
        "max_surge_fixed": spare,
        "max_unavailable_fixed": 1 if host.stateful else 0,
    }
    settings: dict[str, Any] = {
        "name": site.name(host.name),
        "region": site.region,
        "base_instance_name": site.name(host.name, limit=58),
        "distribution_policy_zones": [Var("zones", zone) for zone in zones],
        "version": Block({"instance_template": Ref(f"google_compute_region_instance_template.{host.id}", "id")}),
        "named_port": Block({"name": PORT_NAME, "port": host.service.port}),
        "auto_healing_policies": Block(
            {
                "health_check": Ref(f"google_compute_region_health_check.{host.id}", "id"),
                "initial_delay_sec": 180,
            }
        ),
        "update_policy": Block(policy),
    }
    if _most(host) == _least(host):
        settings["target_size"] = _least(host)
    less = (
        "one, with its disk, in one zone"
        if host.stateful
        else f"{_least(host)} to {_most(host)} over {several(len(zones), 'zone')}"
    )
    why = f"Servers of {host.name}: {less}. A lost one is made anew; a change replaces them in turn."
    needs = (  # what a server needs while it starts: its rights, and a way out
        "google_compute_router_nat.out",
        f"google_compute_firewall.{host.id}_https_out",
        f"google_project_iam_member.{host.id}_logs",
    )
    return part.make("google_compute_region_instance_group_manager", host.id, settings, why, depends_on=needs)


def _scaler(site: Site, part: Part, host: Hosted) -> Resource:
    policy = {
        "min_replicas": _least(host),
        "max_replicas": _most(host),
        "cooldown_period": 120,
        "mode": "ON",
        "cpu_utilization": Block({"target": BUSY, "predictive_method": "NONE"}),
    }
    settings = {
        "name": site.name(host.name),
        "region": site.region,
        "target": Ref(f"google_compute_region_instance_group_manager.{host.id}", "id"),
        "autoscaling_policy": Block(policy),
    }
    why = f"Planned for the peak with {host.choice.count}; more are started when they are over {BUSY:.0%} busy."
    return part.make("google_compute_region_autoscaler", host.id, settings, why)
