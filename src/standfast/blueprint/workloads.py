"""Workloads: the services of a plan for Kubernetes, equal on every cloud.

What only the cloud knows is a `Given`, and stands in `Blueprint.platform` under these names (`orders` is the
identifier of a store, `api` of a service, `API_KEY` of a secret):

    orders_host        where a database or cache listens
    orders_read_host   where its read replicas listen, if it has any
    orders_secret      entry that opens it: JSON with username and password; for a cache the password alone
    images_bucket      a bucket, as its clients name it; images_url: what users read it under, where it has a CDN
    secret_API_KEY     entry of a secret that the spec declares
    web_host           the name users reach a public service under
    data_ranges        tuple of CIDRs: where the stores listen
    balancer_ranges    tuple of CIDRs: from where the balancer reaches the pods

and what the cloud's own part of `code/kubernetes/clouds.py` asks for. Plain text is written into the manifests;
everything else is told by one output of the code, `platform_env`, that fills the manifests' `platform.env`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from standfast.blueprint.boot import DATABASE
from standfast.blueprint.model import Blueprint, Expand, Given, Join, Output, Sealed, Way, Workload
from standfast.blueprint.site import DATABASES, PORTS, Hosted, Kept, Site, identifier, reason, shortened, targets
from standfast.plan import Plan
from standfast.problem import Problem, Problems

OUTPUT = "platform_env"
SCHEMES = {"postgres": "postgresql", "mysql": "mysql"}
QUERY = {"postgres": "?sslmode=require", "mysql": ""}


def namespace(system: str) -> str:
    """The system's name; `default` and `kube-…` are the cluster's own."""
    return shortened(f"app-{system}" if system == "default" or system.startswith("kube-") else system, 63)


def with_workloads(blueprint: Blueprint, plan: Plan) -> Blueprint:
    """The blueprint with the plan's workloads, and the output that tells them what stands. Raises Problems."""
    site = Site(plan)
    workloads = tuple(_workload(site, host) for host in site.hosted)
    if absent := sorted({one.name for workload in workloads for one in givens(workload)} - set(blueprint.platform)):
        what = f"the blueprint for {blueprint.cloud} does not say {', '.join(absent)}"
        raise Problems([Problem(what, "its workloads ask for it", "", plan.system.place)])
    told = told_later(blueprint.platform)
    text = [part for name in sorted(told) for part in (f"{name}=", told[name], "\n")]
    means = "What the manifests must know of it: save as platform.env beside them"
    outputs = (*blueprint.outputs, Output(OUTPUT, means, Join(tuple(_flat(text))))) if told else blueprint.outputs
    return replace(blueprint, workloads=workloads, outputs=outputs)


def told_later(platform: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a platform that are only known once it stands."""
    return {name: value for name, value in platform.items() if not isinstance(value, (str, tuple))}


def givens(workload: Workload) -> Iterator[Given]:
    """Everything that a workload asks of its platform by name."""
    yield from (value for value in workload.environment.values() if isinstance(value, Given))
    yield from (one.entry for one in workload.sealed)
    if workload.host:
        yield workload.host


def _flat(parts: list[Any]) -> Iterator[Any]:
    for part in parts:
        yield from part.parts if isinstance(part, Join) else (part,)


def _workload(site: Site, host: Hosted) -> Workload:
    service, size = host.service, host.choice.size
    count = max(host.choice.count, 1)
    least = min(int(size.get("min_count", count)), count)
    ways = tuple(_ways(site, host))
    return Workload(
        name=service.name,
        image=service.image,
        port=service.port,
        health=service.health,
        public=service.public,
        host=Given(f"{host.id}_host") if service.public else None,
        vcpu=float(size.get("vcpu", 0.5)),
        memory_mib=math.ceil(float(size.get("memory_gib", service.memory)) * 1024 - 1e-6),
        arch=str(size.get("arch", "x86_64")),
        least=least,
        count=count,
        most=max(int(size.get("max_count", count)), least),
        zones=max(host.choice.zones, 1),
        environment=_environment(site, host),
        sealed=_sealed(site, host),
        ways=ways,
        callers=tuple(one.name for one in site.hosted if service.name in targets(one.service)),
        identity=any(one.kind == "objects" for one in ways),
        why=reason(host.choice),
        place=service.place,
        entrypoint=service.entrypoint,
        command=service.command,
    )


def _ways(site: Site, host: Hosted) -> Iterator[Way]:
    """Every connection the spec declares. `wait` is time spent on things outside the system, so it names one too."""
    services = {one.name: one for one in site.hosted}
    stores = {one.name: one for one in site.kept}
    for name in targets(host.service):
        if name in services:
            yield Way(name, "service", services[name].service.port)
        elif name in stores:
            kind = stores[name].kind
            yield Way(name, kind, site.port(kind) if kind in PORTS else 443)
    if host.service.wait:
        yield Way("", "outside", 443)


def _environment(site: Site, host: Hosted) -> dict[str, str | Given | Expand]:
    """What the container finds in its environment, without secrets. What the spec says goes before what is derived."""
    found: dict[str, str | Given | Expand] = {"PORT": str(host.service.port)}
    services = {one.name: one for one in site.hosted}
    stores = {one.name: one for one in site.kept}
    for name in targets(host.service):
        prefix = identifier(name).upper()
        if name in services:
            found[f"{prefix}_URL"] = f"http://{name}:{services[name].service.port}"
        elif name in stores:
            found |= {f"{prefix}_{key}": value for key, value in _store(site, stores[name], prefix).items()}
    return {**found, **host.service.environment}


def _store(site: Site, kept: Kept, prefix: str) -> dict[str, str | Given | Expand]:
    if kept.kind == "objects":
        named: dict[str, str | Given | Expand] = {"BUCKET": Given(f"{kept.id}_bucket")}
        return {**named, "URL": Given(f"{kept.id}_url")} if kept.store.cdn else named
    where: dict[str, str | Given | Expand] = {"HOST": Given(f"{kept.id}_host"), "PORT": str(site.port(kept.kind))}
    place = f"$({prefix}_HOST):{site.port(kept.kind)}"
    if kept.kind == "redis":
        return {**where, "URL": Expand(f"rediss://:$({prefix}_LOGIN)@{place}")}
    url = f"{SCHEMES[kept.kind]}://$({prefix}_LOGIN)@{place}/{DATABASE}{QUERY[kept.kind]}"
    found = {**where, "NAME": DATABASE, "URL": Expand(url)}
    if kept.choice.size.get("read_replicas"):
        read = Expand(url.replace(f"$({prefix}_HOST)", f"$({prefix}_READ_HOST)"))
        found |= {"READ_HOST": Given(f"{kept.id}_read_host"), "READ_URL": read}
    return found


def _sealed(site: Site, host: Hosted) -> tuple[Sealed, ...]:
    """The secrets of a workload. Raises Problems when two would share a variable."""
    found = [Sealed(Given(f"secret_{identifier(name)}"), {identifier(name): ""}) for name in host.service.secrets]
    stores = {one.name: one for one in site.kept}
    for kept in (stores[name] for name in targets(host.service) if name in stores):
        prefix, entry = identifier(kept.name).upper(), Given(f"{kept.id}_secret")
        if kept.kind in DATABASES:
            fields = {f"{prefix}_USER": "username", f"{prefix}_PASSWORD": "password"}
            found.append(Sealed(entry, fields, f"{prefix}_LOGIN"))
        elif kept.kind == "redis":
            found.append(Sealed(entry, {f"{prefix}_PASSWORD": ""}, f"{prefix}_LOGIN"))
    names = [name for one in found for name in (*one.fields, one.login) if name]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        what = f"{host.name} would get {twice[0]} twice"
        why = "what opens its stores comes under their names"
        raise Problems([Problem(what, why, "rename one of them", host.service.where("secrets"))])
    return tuple(found)
