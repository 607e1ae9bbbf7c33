"""What the roles are told: per component from the plan, for production and lab what differs between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.site import PORTS, Hosted, Kept, Site, identifier, reason
from standfast.code.ansible import backups
from standfast.code.ansible.groups import BALANCER, KINDS, Group
from standfast.code.ansible.lab import lab_files
from standfast.code.ansible.shedding import limits, queue_ms
from standfast.code.ansible.yaml_text import Unsafe, file
from standfast.files import File
from standfast.plan import Plan

DATABASE = "app"


def files(plan: Plan, groups: tuple[Group, ...]) -> Iterator[File]:
    about = f"What is true of every host of {plan.system.name}."
    yield file("group_vars/all.yml", _everywhere(plan), about)
    for group in groups:
        yield file(f"group_vars/{group.id}.yml", _of(plan, group), _about(group))
    places = {"production": (plan.cloud, plan.region)}
    if plan.standby:
        places["standby"] = (plan.standby.cloud, plan.standby.region)
    for folder, (cloud, region) in places.items():
        about = f"How hosts in {cloud} are reached and managed. No secret stands here."
        yield file(f"inventory/{folder}/group_vars/all.yml", {**PRODUCTION, **CLOUDS[cloud]}, about)
        for group in groups:
            if isinstance(group.part, Hosted) and group.part.service.secrets:
                read = _secrets(Site(plan).name(), cloud, region, group.part)
                about = (
                    f"Secrets of {group.component}, looked up where the cloud keeps them, when a role makes the unit."
                )
                yield file(f"inventory/{folder}/group_vars/{group.id}.yml", {"service_secrets": read}, about)
    yield from lab_files(plan, groups)


def _about(group: Group) -> str:
    where = f" ({group.place.short})" if group.place.file else ""
    if group.kind == "files":
        return f"{group.component}{where}: a bucket of the cloud; files where a host of your own has them."
    if group.managed and group.part:
        return f"{group.component}{where}: kept by the cloud in production, by the role {group.kind} in the lab."
    if group.managed:
        return f"{group.component}: the cloud's own in production, by a role in the lab."
    return f"{group.component}{where}: {reason(group.part.choice)}" if group.part else group.component


def _everywhere(plan: Plan) -> dict[str, Any]:
    return {
        "system_name": plan.system.name,
        "system_owner": Unsafe(plan.system.owner),
        "system_domain": "{{ lookup('ansible.builtin.env', 'STANDFAST_DOMAIN') }}",
    }


S3 = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL")
PRODUCTION: dict[str, Any] = {
    "standfast_root": "",
    "service_manager": "systemd",
    "service_from": "boot",
    "certificates_from": "given",
    "exporters_wanted": ["node"],
    # For databases and files on hosts of your own: one key for all copies, and the second place.
    "backup_key": "{{ lookup('ansible.builtin.env', 'STANDFAST_BACKUP_KEY') }}",
    "backup_near": "{{ lookup('ansible.builtin.env', 'STANDFAST_BACKUP_NEAR') }}",
    "backup_offsite": "{{ lookup('ansible.builtin.env', 'STANDFAST_BACKUP_OFFSITE') }}",
    "backup_environment": {name: f"{{{{ lookup('ansible.builtin.env', '{name}') }}}}" for name in S3},
    "postgres_writes": (
        "{{ [backup_near, backup_offsite] | select('match', '/') | map('regex_replace', '^', '-') | list }}"
    ),
}
CLOUDS: dict[str, dict[str, Any]] = {
    "aws": {
        # The servers have no SSH: through Session Manager, which hands files over in a bucket of yours.
        "ansible_connection": "amazon.aws.aws_ssm",
        "ansible_aws_ssm_bucket_name": "{{ lookup('ansible.builtin.env', 'STANDFAST_SSM_BUCKET') }}",
        "ansible_aws_ssm_region": "{{ placement.region }}",
        "hardening_ssh": False,
        "log_shipper_target": "",
    },
    "azure": {
        "ansible_user": "{{ lookup('ansible.builtin.env', 'STANDFAST_SSH_USER') | default('azureuser', true) }}",
        "hardening_ssh_groups": ["sudo"],
        "log_shipper_target": "",
    },
    "gcp": {
        "ansible_user": "{{ lookup('ansible.builtin.env', 'STANDFAST_SSH_USER') }}",
        # Through Identity-Aware Proxy: no public address, no port open to the world.
        "ansible_ssh_common_args": (
            '-o ProxyCommand="gcloud compute start-iap-tunnel {{ inventory_hostname }} %p --listen-on-stdin'
            ' --zone {{ host_zone }}"'
        ),
        "hardening_ssh_groups": ["google-sudoers", "sudo"],
        "log_shipper_target": "",
    },
}


def _secrets(system: str, cloud: str, region: str, host: Hosted) -> dict[str, str]:
    """Under the names that the infrastructure code gives them. A name holds letters, digits, `-`, `_` and `.`."""
    return {
        identifier(name): f"{{{{ lookup({LOOKUPS[cloud](system, region, name)}) }}}}" for name in host.service.secrets
    }


LOOKUPS = {
    "aws": lambda system, region, name: f"'amazon.aws.secretsmanager_secret', '{system}/{name}', region='{region}'",
    "azure": lambda system, region, name: (
        f"'azure.azcollection.azure_keyvault_secret', '{name.replace('_', '-').replace('.', '-')}',"
        " vault_url=lookup('ansible.builtin.env', 'STANDFAST_VAULT_URL')"
    ),
    "gcp": lambda system, region, name: (
        f"'google.cloud.gcp_secret_manager', key='{system}-{name.replace('.', '_')}',"
        " project=lookup('ansible.builtin.env', 'GOOGLE_CLOUD_PROJECT')"
    ),
}


def _of(plan: Plan, group: Group) -> dict[str, Any]:
    common = {"host_component": group.component}
    if isinstance(group.part, Hosted):
        return {**common, **_service(group.part)}
    if isinstance(group.part, Kept):
        return {**common, **STORES[group.kind](plan, group.part)}
    return {**common, **(_balancer if group.component == BALANCER else _edge)(plan)}


def _service(host: Hosted) -> dict[str, Any]:
    service = host.service
    return {
        "service_name": host.name,
        "service_image": Unsafe(service.image),
        "service_image_entrypoint": [Unsafe(one) for one in service.entrypoint],
        "service_image_command": [Unsafe(one) for one in service.command],
        "service_port": service.port,
        "service_health": Unsafe(service.health),
        "service_memory_mib": max(int(service.memory * 1024), 64),
        "service_environment": {name: Unsafe(value) for name, value in service.environment.items()},
        "patching_programs": [host.name],
        "patching_gates": [
            {"url": "http://{{ service_address }}:{{ service_port }}{{ service_health }}"},
        ],
    }


def _postgres(plan: Plan, kept: Kept) -> dict[str, Any]:
    size, wanted = kept.choice.size, plan.system.promises.reliability.recovery
    version = str(kept.store.version or size.get("engine_version") or "16").partition(".")[0]
    instance = wanted.get("instance")
    return {
        "postgres_group": kept.id,
        "postgres_version": version,
        "postgres_memory_mib": int(float(size.get("memory_gib", 4)) * 1024),
        "postgres_cores": max(int(float(size.get("vcpu", 2))), 1),
        "postgres_connections": _connections(kept),
        "postgres_synchronous": bool(instance and instance.rpo == 0),
        "postgres_database": DATABASE,
        "postgres_port": PORTS["postgres"],
        "postgres_callers": [caller.id for caller in kept.callers],
        **backups.told(plan, kept.store),
    }


def _connections(kept: Kept) -> int:
    """What the spec says; else ten for each instance that may run, and some for those who look after it."""
    most = sum(int(one.choice.size.get("max_count", 2 * one.choice.count)) for one in kept.callers)
    return kept.store.connections or min(max(10 * most + 20, 50), 1000)


def _redis(plan: Plan, kept: Kept) -> dict[str, Any]:
    return {
        "redis_group": kept.id,
        "redis_port": PORTS["redis"],
        "redis_memory_mib": max(int(kept.store.memory * 1024), 16),
    }


def _files(plan: Plan, kept: Kept) -> dict[str, Any]:
    return backups.told(plan, kept.store)


STORES = {"postgres": _postgres, "redis": _redis, "files": _files}


def _balancer(plan: Plan) -> dict[str, Any]:
    site = Site(plan)
    return {
        "haproxy_domain": "{{ system_domain }}",
        "haproxy_front": site.public[0].name if site.public else "",
        "haproxy_maxconn": _maxconn(plan),
        "haproxy_limits": limits(plan),
        "haproxy_queue_ms": queue_ms(plan),
        "haproxy_services": [
            {
                "name": host.name,
                "group": host.id,
                "port": host.service.port,
                "health": Unsafe(host.service.health),
                "public": host.service.public,
                **({"listener": host.listener} if host.listener is not None else {}),
            }
            for host in site.hosted
            if host.service.public or host.listener is not None
        ],
    }


def _maxconn(plan: Plan) -> int:
    """Connections at the peak of the horizon if each request took two seconds: ten times what is promised mostly."""
    wanted = plan.system.promises.scalability
    return min(max(2 * int(wanted.at_horizon(wanted.peak)), 1000), 100_000)


def _edge(plan: Plan) -> dict[str, Any]:
    return {"nginx_balancers": KINDS["balancer"]}
