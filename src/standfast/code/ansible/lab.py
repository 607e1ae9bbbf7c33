"""What differs in the lab: an unprivileged user, a folder per host, a supervisor instead of systemd, high ports.

The programs are found on PATH; STANDFAST_LAB names the folder, STANDFAST_LAB_USER whom root becomes. Passwords are
made up on the first run and kept below that folder, for the user alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.site import PORTS, Hosted, Kept, Site, identifier, targets
from standfast.code.ansible.groups import BALANCER, KINDS, Group
from standfast.code.ansible.yaml_text import file
from standfast.files import File
from standfast.plan import Plan

HTTPS = 8443
FOLDER = "inventory/lab/group_vars"
MADE_UP = (
    "{{{{ lookup('ansible.builtin.password', lab_root ~ '/secrets/{name}', length=32,"
    " chars=['ascii_letters', 'digits']) }}}}"
)


def _environment(name: str, otherwise: str) -> str:
    return f"{{{{ lookup('ansible.builtin.env', '{name}') | default({otherwise}, true) }}}}"


EVERYWHERE: dict[str, Any] = {
    "ansible_connection": "local",
    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    "lab_root": _environment("STANDFAST_LAB", "playbook_dir ~ '/.lab'"),
    "lab_user": _environment("STANDFAST_LAB_USER", "''"),
    "standfast_root": "{{ lab_root }}/{{ inventory_hostname }}",
    "standfast_user": "{{ lab_user }}",
    "service_manager": "supervisor",
    "host_hardening": False,
    "hardening_apply": False,
    "certificates_from": "made",
    "certificates_authority": "{{ lab_root }}/authority",
    "exporters_wanted": [],
    "exporters_user": "{{ lab_user }}",
    "log_shipper_user": "{{ lab_user }}",
    "log_shipper_tls": False,
}
BY_KIND: dict[str, dict[str, Any]] = {
    "service": {
        "service_from": "role",
        "service_user": "{{ lab_user }}",
        "service_command": ["stand-in"],
        "service_address": "{{ host_address }}",
    },
    "postgres": {
        "postgres_bin": _environment("STANDFAST_POSTGRES_BIN", "'/usr/lib/postgresql/' ~ postgres_version ~ '/bin'"),
        "postgres_user": "{{ lab_user }}",
        "postgres_switch": "{{ lab_user | length > 0 }}",
        "postgres_archive": "{{ lab_root }}/archive/{{ postgres_group }}",
        "postgres_client_ranges": ["127.0.0.0/8"],  # the kernel lets every connection come from 127.0.0.1
        "backup_program": _environment("STANDFAST_PROGRAM", "'/usr/bin/standfast'"),
        "backup_offsite": "{{ lab_root }}/offsite",
        "backup_environment": {
            f"STANDFAST_{name}": f"{{{{ lookup('ansible.builtin.env', 'STANDFAST_{name}') }}}}"
            for name in ("PGBACKREST", "RESTIC")
        },
    },
    "redis": {
        "redis_program": "valkey-server",
        "redis_user": "{{ lab_user }}",
        "redis_tls": False,  # the server that comes as a Python package was built without
    },
    "balancer": {
        "haproxy_program": "haproxy",
        "haproxy_user": "{{ lab_user }}",
        "haproxy_https_port": HTTPS,
    },
    "edge": {
        "nginx_program": "nginx",
        "nginx_user": "{{ lab_user }}",
        "nginx_https_port": HTTPS,
        "nginx_balancer_port": HTTPS,
        "nginx_connections": 1024,
        "nginx_cache_mib": 64,
    },
}


def lab_files(plan: Plan, groups: tuple[Group, ...]) -> Iterator[File]:
    site = Site(plan)
    everywhere = {**EVERYWHERE, "lab_passwords": _passwords(site)}
    yield file(f"{FOLDER}/all.yml", everywhere, "The lab: ordinary programs of an ordinary user, on loopback only.")
    for kind, told in BY_KIND.items():
        if any(one.kind == kind for one in groups):
            yield file(f"{FOLDER}/{KINDS[kind]}.yml", told, f"{KINDS[kind]} in the lab.")
    for group in groups:
        told = _of(site, group)
        if told:
            yield file(f"{FOLDER}/{group.id}.yml", told, f"{group.component} in the lab.")


def password(of: str) -> str:
    """One of the passwords that the first run makes up, for the lab alone."""
    return f"{{{{ lab_passwords['{of}'] }}}}"


def _passwords(site: Site) -> dict[str, str]:
    names = [kept.name for kept in site.kept if kept.kind in ("postgres", "redis")]
    names += [f"{kept.name}-{of}" for kept in site.kept if kept.kind == "postgres" for of in ("replication", "backup")]
    names += [f"secret-{identifier(name)}" for host in site.hosted for name in host.service.secrets]
    return {name: MADE_UP.format(name=name) for name in sorted(set(names))}


def _of(site: Site, group: Group) -> dict[str, Any]:
    if isinstance(group.part, Hosted):
        return _service(site, group.part)
    if group.kind == "postgres":
        return {
            "postgres_password": password(group.component),
            "postgres_replication_password": password(f"{group.component}-replication"),
            "backup_key": password(f"{group.component}-backup"),
        }
    if group.kind == "redis":
        return {"redis_password": password(group.component)}
    return {}


def _service(site: Site, host: Hosted) -> dict[str, Any]:
    """Under the names production gives them: `ORDERS_HOST`, `API_URL`; see the page on what is built."""
    addresses: dict[str, str] = {}
    secrets = {identifier(name): password(f"secret-{identifier(name)}") for name in host.service.secrets}
    called = {one.name: one for one in site.called}
    kept = {one.name: one for one in site.kept}
    for name in targets(host.service):
        prefix = identifier(name).upper()
        if name in called:
            addresses[f"{prefix}_URL"] = f"https://{_address(BALANCER)}:{called[name].listener}"
        elif name in kept and kept[name].kind in ("postgres", "redis"):
            where, secret = _store(kept[name])
            addresses |= {f"{prefix}_{key}": value for key, value in where.items()}
            secrets |= {f"{prefix}_{key}": value for key, value in secret.items()}
    given = set(host.service.environment)  # what the spec says goes first
    return {
        "service_addresses": {key: value for key, value in addresses.items() if key not in given},
        "service_secrets": {key: value for key, value in secrets.items() if key not in given},
    }


def _store(kept: Kept) -> tuple[dict[str, str], dict[str, str]]:
    host, port, secret = _address(kept.id), str(PORTS[kept.kind]), password(kept.name)
    if kept.kind == "redis":
        return {"HOST": host, "PORT": port}, {"PASSWORD": secret, "URL": f"redis://:{secret}@{host}:{port}"}
    every = f"{{{{ groups['{kept.id}'] | map('extract', hostvars, 'host_address') | join(',') }}}}"
    url = f"postgresql://app:{secret}@{every}:{port}/app?target_session_attrs=read-write&sslmode=require"
    return {"HOST": host, "PORT": port, "NAME": "app"}, {"USER": "app", "PASSWORD": secret, "URL": url}


def _address(group: str) -> str:
    return f"{{{{ hostvars[groups['{group}'][0]].host_address }}}}"
