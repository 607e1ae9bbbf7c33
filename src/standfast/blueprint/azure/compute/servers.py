"""One scale set per service: how a server is made, how many there are, and when there are more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.azure import identity
from standfast.blueprint.azure.compute import single
from standfast.blueprint.azure.compute.agents import health, monitor
from standfast.blueprint.azure.compute.boot import custom_data
from standfast.blueprint.azure.edge import gateway, inside
from standfast.blueprint.azure.firewall import asg
from standfast.blueprint.azure.network import subnet
from standfast.blueprint.azure.site import GROUP, LOCATION, Part, Site
from standfast.blueprint.model import Base64, Block, Ref, Resource, Var, Variable
from standfast.blueprint.site import Hosted, reason, several, shortened

BUSY = 60  # percent of CPU at which servers are added: above it queues grow faster than servers start
QUIET = 25  # percent below which one is taken away
ADMIN = "operator"
DISKS = Ref("azurerm_disk_encryption_set.main", "id")


def variables(site: Site) -> Iterator[Variable]:
    if site.hosted and site.plan.shape == "vm":
        means = "Public key that opens servers where all else fails; no port is open for it"
        example = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExam operator"
        yield Variable("operator_key", "string", means, pattern="^ssh-[a-z0-9]+ [A-Za-z0-9+/=]+.*$", example=example)


def resources(site: Site) -> Iterator[Resource]:
    if site.plan.shape != "vm":
        return
    for host in site.hosted:
        part = site.part(host.name, "compute", host.service.place)
        if host.stateful:
            yield from single.resources(site, part, host)
            continue
        yield _set(site, part, host)
        if most(host) > least(host):
            yield _autoscale(site, part, host)


def least(host: Hosted) -> int:
    return int(host.choice.size.get("min_count", host.choice.count))


def most(host: Hosted) -> int:
    return max(int(host.choice.size.get("max_count", 2 * host.choice.count)), least(host))


def image(host: Hosted) -> Block:
    sku = "server-arm64" if host.choice.size.get("arch") == "arm64" else "server"
    return Block({"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": sku, "version": "latest"})


def trusted(host: Hosted) -> dict[str, bool]:
    """Trusted launch, where it is sold: not on Arm (Azure docs, "Trusted Launch for Azure virtual machines")."""
    return {} if host.choice.size.get("arch") == "arm64" else {"secure_boot_enabled": True, "vtpm_enabled": True}


def common(site: Site, host: Hosted) -> dict[str, Any]:
    """What a server has, of a set or alone."""
    return {
        "admin_username": ADMIN,
        "disable_password_authentication": True,
        "encryption_at_host_enabled": True,
        **trusted(host),
        "custom_data": Base64(custom_data(site, host)),
        "admin_ssh_key": Block({"username": ADMIN, "public_key": Var("operator_key")}),
        "identity": Block({"type": "UserAssigned", "identity_ids": [identity.who(host)]}),
        "source_image_reference": image(host),
        "os_disk": Block(
            {
                "caching": "ReadWrite",
                "storage_account_type": "Premium_LRS",
                "disk_size_gb": max(int(host.choice.size.get("disk_gib", 30)), 30),
                "disk_encryption_set_id": DISKS,
            }
        ),
        "boot_diagnostics": Block({}),
    }


def _set(site: Site, part: Part, host: Hosted) -> Resource:
    zones = site.zone_names[: max(host.choice.zones, 1)]
    address: dict[str, Any] = {
        "name": "main",
        "primary": True,
        "subnet_id": subnet("app"),
        "application_security_group_ids": [asg(host)],
    }
    if host.service.public:
        address["application_gateway_backend_address_pool_ids"] = [gateway.pool_id(host)]
    if host.listener is not None:
        address["load_balancer_backend_address_pool_ids"] = [inside.pool(host)]
    settings: dict[str, Any] = {
        "name": site.name(host.name),
        "resource_group_name": GROUP,
        "location": LOCATION,
        "sku": host.choice.offer,
        "instances": min(max(host.choice.count, least(host)), most(host)),  # to begin with
        "computer_name_prefix": shortened(host.name, 50),
        "zones": zones or None,
        "zone_balance": True if len(zones) > 1 else None,
        "overprovision": False,
        "single_placement_group": False,
        "upgrade_mode": "Rolling",
        **common(site, host),
        "network_interface": Block(
            {
                "name": "main",
                "primary": True,
                "accelerated_networking_enabled": True,
                "ip_configuration": Block(address),
            }
        ),
        "rolling_upgrade_policy": Block(
            {
                "max_batch_instance_percent": 20,
                "max_unhealthy_instance_percent": 20,
                "max_unhealthy_upgraded_instance_percent": 20,
                "pause_time_between_batches": "PT30S",
                "cross_zone_upgrades_enabled": False if len(zones) > 1 else None,
                "maximum_surge_instances_enabled": True,
            }
        ),
        "automatic_instance_repair": Block({"enabled": True, "grace_period": "PT10M", "action": "Replace"}),
        "scale_in": Block({"rule": "Default"}),
        "termination_notification": Block({"enabled": True, "timeout": "PT5M"}),
        "extension": [Block(health(host)), Block(monitor(host))],
    }
    number = f"{least(host)} to {most(host)} over {several(max(len(zones), 1), 'zone')}"
    why = f"{host.name} on {reason(host.choice)} {number}; one that does not answer is replaced."
    return part.make("azurerm_linux_virtual_machine_scale_set", host.id, settings, why, tag=True,
                     depends_on=_needs(site, host), lifecycle={"ignore_changes": ["instances"]})  # fmt: skip


def _needs(site: Site, host: Hosted) -> tuple[str, ...]:
    """What a server needs while it starts: a way out, and what its identity may read."""
    reads = (f"azurerm_role_assignment.{host.id}_reads_{name}" for name in sorted(identity.readable(site, host)))
    way = ("azurerm_subnet_nat_gateway_association.app", "azurerm_subnet_network_security_group_association.app")
    balanced = (f"azurerm_lb_rule.{host.id}",) if host.listener is not None else ()
    return (*way, "azurerm_role_assignment.encryption", *balanced, *reads)


def _autoscale(site: Site, part: Part, host: Hosted) -> Resource:
    target = Ref(f"azurerm_linux_virtual_machine_scale_set.{host.id}", "id")

    def rule(operator: str, threshold: int, direction: str, number: int, minutes: int) -> Block:
        trigger = {
            "metric_name": "Percentage CPU",
            "metric_resource_id": target,
            "time_grain": "PT1M",
            "statistic": "Average",
            "time_window": f"PT{minutes}M",
            "time_aggregation": "Average",
            "operator": operator,
            "threshold": threshold,
        }
        action = {"direction": direction, "type": "ChangeCount", "value": number, "cooldown": f"PT{minutes}M"}
        return Block({"metric_trigger": Block(trigger), "scale_action": Block(action)})

    step = max(1, host.choice.count // 4)
    profile = {
        "name": "cpu",
        "capacity": Block(
            {
                "default": min(max(host.choice.count, least(host)), most(host)),
                "minimum": least(host),
                "maximum": most(host),
            }
        ),
        "rule": [
            rule("GreaterThan", BUSY, "Increase", step, 5),
            rule("LessThan", QUIET, "Decrease", 1, 10),
        ],
    }
    settings = {"target_resource_id": target, "profile": Block(profile)}
    why = f"Planned for the peak with {host.choice.count}; more are started when they are over {BUSY}% busy."
    return part.placed("azurerm_monitor_autoscale_setting", host.id, site.name(host.name), settings, why)
