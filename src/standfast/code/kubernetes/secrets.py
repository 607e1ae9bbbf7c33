"""Secrets by name only: External Secrets copies them from the cloud's store when the pods need them."""

from __future__ import annotations

from typing import Any

from standfast.blueprint.model import Blueprint, Workload
from standfast.blueprint.workloads import namespace as namespace_name
from standfast.code.kubernetes.clouds import Cloud
from standfast.code.kubernetes.text import Document
from standfast.code.kubernetes.workload import head

API = "external-secrets.io/v1"
STORE = "cloud"


def store(blueprint: Blueprint, cloud: Cloud) -> Document:
    made = head(API, "SecretStore", STORE, namespace_name(blueprint.system))
    return {**made, "spec": {"provider": cloud.secrets(blueprint)}}


def secret(one: Workload, space: str) -> Document:
    """One Secret per workload, made anew within a minute after an entry has changed."""
    data, template = [], {}
    for number, sealed in enumerate(one.sealed, 1):
        keys = {}
        for variable, field in sealed.fields.items():
            keys[variable] = f"entry_{number}" + (f"_{field}" if field else "")
            reference: dict[str, Any] = {"key": sealed.entry, "property": field or None}
            data.append({"secretKey": keys[variable], "remoteRef": reference})
        template |= {variable: f"{{{{ .{key} }}}}" for variable, key in keys.items()}
        if sealed.login:
            template[sealed.login] = ":".join(f"{{{{ .{key} | urlquery }}}}" for key in keys.values())
    spec = {
        "refreshInterval": "1m",
        "secretStoreRef": {"kind": "SecretStore", "name": STORE},
        "target": {"name": one.name, "creationPolicy": "Owner", "template": {"engineVersion": "v2", "data": template}},
        "data": data,
    }
    return {**head(API, "ExternalSecret", one.name, space), "spec": spec}
