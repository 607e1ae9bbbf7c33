"""Where the hosts are: found by their tags in the cloud, and listed in the lab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from standfast.blueprint import at_standby
from standfast.blueprint.site import identifier
from standfast.code.ansible.groups import KINDS, Group, lab_hosts, zone_group, zones
from standfast.code.ansible.shedding import lab_limits
from standfast.code.ansible.yaml_text import file
from standfast.files import File
from standfast.plan import Plan

# What the plugins and lookups come with, at the versions that were tried.
COLLECTIONS = {
    "aws": {"amazon.aws": ">=10.1.0,<11.0.0"},
    "azure": {"azure.azcollection": ">=3.12.0,<4.0.0"},
    "gcp": {"google.cloud": ">=1.10.0,<2.0.0"},
}


# What a host of the lab has in place of what the plan chose: said of the host, since a group's variables beside the
# playbook go before a group's beside the inventory.
SMALL: dict[str, dict[str, Any]] = {
    "postgres": {"postgres_memory_mib": 256},
    "redis": {"redis_memory_mib": 32},
    "balancer": {"haproxy_maxconn": 1000, "haproxy_domain": "lab.test"},
}


def files(plan: Plan, groups: tuple[Group, ...]) -> Iterator[File]:
    yield from _cloud("production", plan, groups)
    clouds = {plan.cloud}
    if plan.standby:
        yield from _cloud("standby", at_standby(plan), groups)
        clouds.add(plan.standby.cloud)
    yield file("inventory/lab/hosts.yml", _lab(plan, groups), "The lab: one loopback address and one folder per host.")
    wanted = [
        {"name": name, "version": version}
        for cloud in sorted(clouds)
        for name, version in COLLECTIONS.get(cloud, {}).items()
    ]
    about = "What the inventory and the lookups of secrets need: ansible-galaxy collection install -r requirements.yml"
    yield file("requirements.yml", {"collections": wanted}, about)


def _cloud(folder: str, plan: Plan, groups: tuple[Group, ...]) -> Iterator[File]:
    """Ansible reads a folder's files in the order of their names: first the hosts, then what groups they are in."""
    plugin, settings = PLUGINS[plan.cloud](plan.system.name, plan.region, zones(plan))
    about = f"The servers of {plan.system.name} in {plan.cloud} {plan.region}, by the tags that their code gives them."
    yield file(f"inventory/{folder}/1_{plugin}.yml", settings, about)
    running = tuple(one for one in groups if not one.managed)
    yield file(f"inventory/{folder}/2_groups.yml", _kinds(running), "The groups that the plays of site.yml are for.")


def _kinds(groups: tuple[Group, ...]) -> dict[str, Any]:
    """Each kind's group with the groups of its components; a kind the cloud keeps is there and empty."""
    return {kind: {"children": {one.id: {} for one in groups if KINDS[one.kind] == kind}} for kind in KINDS.values()}


def _lab(plan: Plan, groups: tuple[Group, ...]) -> dict[str, Any]:
    hosts = lab_hosts(plan, groups)
    components = {
        group.id: {
            "hosts": {
                one.name: {"host_address": one.address, **_small(plan, groups, group)}
                for one in hosts
                if one.group == group
            }
        }
        for group in groups
    }
    by_zone = {
        zone_group(zone): {"hosts": {one.name: {} for one in hosts if one.zone == zone}, "vars": {"host_zone": zone}}
        for zone in zones(plan)
    }
    return {**components, **_kinds(groups), **by_zone}


def _small(plan: Plan, groups: tuple[Group, ...], group: Group) -> dict[str, Any]:
    limits = {"haproxy_limits": lab_limits(plan, groups)} if group.kind == "balancer" else {}
    return {**SMALL.get(group.kind, {}), **limits}


def _aws(system: str, region: str, zones: Sequence[str]) -> tuple[str, dict[str, Any]]:
    return "aws_ec2", {
        "plugin": "amazon.aws.aws_ec2",
        "regions": [region],
        "filters": {"tag:system": system, "instance-state-name": "running"},
        "hostnames": ["instance-id"],
        "keyed_groups": [
            {"key": "tags.component | replace('-', '_')", "prefix": "", "separator": ""},
            {"key": "placement.availability_zone | replace('-', '_')", "prefix": "zone"},
        ],
        "compose": {
            "ansible_host": "instance_id",
            "host_address": "private_ip_address",
            "host_zone": "placement.availability_zone",
        },
    }


def _azure(system: str, region: str, zones: Sequence[str]) -> tuple[str, dict[str, Any]]:
    place = region.lower().replace(" ", "")
    return "azure_rm", {
        "plugin": "azure.azcollection.azure_rm",
        "auth_source": "auto",
        "include_vm_resource_groups": ["*"],
        "include_vmss_resource_groups": ["*"],
        "plain_host_names": True,
        "include_host_filters": [f"tags.system | default('') == '{system}' and location == '{place}'"],
        "keyed_groups": [
            {"key": "tags.component | default('none') | replace('-', '_')", "prefix": "", "separator": ""},
            {"key": f"'{identifier(place)}_' ~ (availability_zone | default(['1'], true) | first)", "prefix": "zone"},
        ],
        "hostvar_expressions": {
            "host_address": "private_ipv4_addresses | first",
            "host_zone": "availability_zone | default(['1'], true) | first",
            "ansible_host": "private_ipv4_addresses | first",
        },
    }


def _gcp(system: str, region: str, zones: Sequence[str]) -> tuple[str, dict[str, Any]]:
    return "gcp_compute", {
        "plugin": "google.cloud.gcp_compute",
        "auth_kind": "application",
        "projects": ["{{ lookup('ansible.builtin.env', 'GOOGLE_CLOUD_PROJECT') }}"],
        "zones": list(zones),
        "filters": [f"labels.system = {system}", "status = RUNNING"],
        "hostnames": ["name"],
        "keyed_groups": [
            {"key": "labels.component | replace('-', '_')", "prefix": "", "separator": ""},
            {"key": "zone | replace('-', '_')", "prefix": "zone"},
        ],
        "compose": {
            "ansible_host": "networkInterfaces[0].networkIP",
            "host_address": "networkInterfaces[0].networkIP",
            "host_zone": "zone",
        },
    }


PLUGINS = {"aws": _aws, "azure": _azure, "gcp": _gcp}
