"""Balancers: one for users, and inside one address and port for each called service, which the firewall can tell apart.

All belong to the region: what they decrypt is decrypted inside it, and a lost region takes no other with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.gcp.edge import shield
from standfast.blueprint.gcp.edge.domain import INTERNAL, certificate, front_records
from standfast.blueprint.gcp.network import network, subnet
from standfast.blueprint.gcp.site import Part, Site
from standfast.blueprint.model import Block, Ref, Resource
from standfast.blueprint.site import Hosted

# Two failed checks ten seconds apart: what the plan's recovery times are reckoned with.
HEALTH = {"check_interval_sec": 10, "timeout_sec": 5, "healthy_threshold": 2, "unhealthy_threshold": 2}
HTTPS, HTTP = 443, 80
TLS = {"profile": "MODERN", "min_tls_version": "TLS_1_2"}
PORT_NAME = "http"


def front(site: Site) -> Ref:
    """The address that users come to."""
    kind = "global_address" if shield.everywhere(site) else "address"
    return Ref(f"google_compute_{kind}.front", "address")


def resources(site: Site) -> Iterator[Resource]:
    if shield.everywhere(site):
        yield from _for_cluster(site)
        return
    if site.public or site.called:
        part = site.part("balancer", "edge")
        settings = {"name": site.name(), "region": site.region, **TLS}
        yield part.make("google_compute_region_ssl_policy", "main", settings, "TLS 1.2 and 1.3, with no old cipher.")
    for host in site.hosted:
        if site.plan.shape == "vm":
            yield _health(site, host)
        if site.plan.shape == "container" and (host.service.public or host.listener is not None):
            yield _endpoints(site, host)
    if site.public:
        yield from _front(site)
    for host in site.called:
        yield from _called(site, host)


def scheme(site: Site) -> str:
    return "INTERNAL_MANAGED" if site.private else "EXTERNAL_MANAGED"


def _for_cluster(site: Site) -> Iterator[Resource]:
    """What the balancer of a cluster's Ingress is told by name; the cluster makes the rest of it."""
    if not site.public:
        return
    part = site.part("balancer", "edge")
    why = "The cluster's Ingress makes the balancer; its address, certificate and TLS settings are told it by name."
    yield part.make("google_compute_global_address", "front", {"name": site.name("front")}, why)
    yield part.make("google_compute_ssl_policy", "main", {"name": site.name(), **TLS})
    domains = [site.host(host.name) for host in site.public]
    settings = {"name": site.name(), "managed": Block({"domains": domains})}
    why = "Google renews it; the first one comes when the names lead to the balancer."
    yield part.make("google_compute_managed_ssl_certificate", "main", settings, why)
    yield from front_records(site, front(site))


def _front(site: Site) -> Iterator[Resource]:
    part = site.part("balancer", "edge")
    own = {"name": site.name("front"), "region": site.region}
    address: dict[str, Any] = {**own, "address_type": "EXTERNAL", "network_tier": "PREMIUM"}
    if site.private:
        inside = {"address_type": "INTERNAL", "purpose": "SHARED_LOADBALANCER_VIP", "subnetwork": subnet("app")}
        address = {**own, **inside}
    yield part.make("google_compute_address", "front", address, "Where users arrive.")
    for host in site.public:
        yield _backends(site, host, host.id, scheme(site))
    rules = [Block({"hosts": [site.host(host.name)], "path_matcher": host.name}) for host in site.public]
    matchers = [Block({"name": host.name, "default_service": _service(host.id)}) for host in site.public]
    settings = {**own, "default_service": _service(site.public[0].id), "host_rule": rules, "path_matcher": matchers}
    why = "Which service answers under which name. Only names of ours have a certificate."
    yield part.make("google_compute_region_url_map", "front", settings, why)
    certificates = [certificate(host.id) for host in site.public]
    yield from _listener(site, part, "front", certificates, HTTPS, scheme(site))
    redirect = Block(
        {"https_redirect": True, "strip_query": False, "redirect_response_code": "MOVED_PERMANENTLY_DEFAULT"}
    )
    plain = {"name": site.name("plain"), "region": site.region}
    why = "HTTP is answered with a redirect to HTTPS, nothing else."
    yield part.make("google_compute_region_url_map", "plain", {**plain, "default_url_redirect": redirect}, why)
    proxy = {**plain, "url_map": Ref("google_compute_region_url_map.plain", "id")}
    yield part.make("google_compute_region_target_http_proxy", "plain", proxy)
    target = Ref("google_compute_region_target_http_proxy.plain", "id")
    yield _rule(site, part, "plain", target, Ref("google_compute_address.front", "id"), HTTP, scheme(site))
    yield from front_records(site, front(site))


def _called(site: Site, host: Hosted) -> Iterator[Resource]:
    part = site.part(host.name, "edge", host.service.place)
    name = f"{host.id}_internal"
    own = {"name": site.name(host.name, INTERNAL), "region": site.region}
    why = f"{host.name}, for the services that call it: the balancer knows which of its instances are well."
    address = {**own, "address_type": "INTERNAL", "subnetwork": subnet("app")}
    yield part.make("google_compute_address", name, address, why)
    yield _backends(site, host, name, "INTERNAL_MANAGED")
    yield part.make("google_compute_region_url_map", name, {**own, "default_service": _service(name)})
    yield from _listener(site, part, name, [certificate(INTERNAL)], host.listener or 0, "INTERNAL_MANAGED")


def _listener(site: Site, part: Part, name: str, certificates: list[Ref], port: int, how: str) -> Iterator[Resource]:
    """TLS ends here."""
    settings = {
        "name": site.name(name.replace("_", "-")),
        "region": site.region,
        "url_map": Ref(f"google_compute_region_url_map.{name}", "id"),
        "certificate_manager_certificates": certificates,
        "ssl_policy": Ref("google_compute_region_ssl_policy.main", "id"),
    }
    yield part.make("google_compute_region_target_https_proxy", name, settings)
    target = Ref(f"google_compute_region_target_https_proxy.{name}", "id")
    yield _rule(site, part, name, target, Ref(f"google_compute_address.{name}", "id"), port, how)


def _rule(site: Site, part: Part, name: str, target: Ref, address: Ref, port: int, how: str) -> Resource:
    settings: dict[str, Any] = {
        "name": site.name(name.replace("_", "-")),
        "region": site.region,
        "load_balancing_scheme": how,
        "ip_protocol": "TCP",
        "ip_address": address,
        "port_range": str(port),
        "target": target,
        "network": network(site),
    }
    settings |= {"subnetwork": subnet("app")} if how == "INTERNAL_MANAGED" else {"network_tier": "PREMIUM"}
    needs = ("google_compute_subnetwork.proxy",)
    return part.make("google_compute_forwarding_rule", name, settings, depends_on=needs)


def _service(name: str) -> Ref:
    return Ref(f"google_compute_region_backend_service.{name}", "id")


def _backends(site: Site, host: Hosted, name: str, how: str) -> Resource:
    part = site.part(host.name, "edge", host.service.place)
    settings: dict[str, Any] = {
        "name": site.name(name.replace("_", "-")),
        "region": site.region,
        "load_balancing_scheme": how,
        "protocol": "HTTP" if site.plan.shape == "vm" else "HTTPS",
        "log_config": Block({"enable": True, "sample_rate": 1.0}),
    }
    if site.plan.shape == "vm":
        group = Ref(f"google_compute_region_instance_group_manager.{host.id}", "instance_group")
        even = {"balancing_mode": "UTILIZATION", "max_utilization": 0.8, "capacity_scaler": 1.0}
        settings |= {
            "port_name": PORT_NAME,
            "timeout_sec": 60,
            "connection_draining_timeout_sec": 30,
            "health_checks": [Ref(f"google_compute_region_health_check.{host.id}", "id")],
            "backend": Block({"group": group, **even}),
        }
    else:
        group = Ref(f"google_compute_region_network_endpoint_group.{host.id}", "id")
        settings["backend"] = Block({"group": group, "balancing_mode": "UTILIZATION", "capacity_scaler": 1.0})
    guard = shield.policy(site)
    if guard is not None and not name.endswith("_internal"):
        settings["security_policy"] = guard
    return part.make("google_compute_region_backend_service", name, settings)


def _health(site: Site, host: Hosted) -> Resource:
    part = site.part(host.name, "edge", host.service.place)
    ask = Block({"port": host.service.port, "request_path": host.service.health})
    settings = {
        "name": site.name(host.name, str(host.service.port)),
        "region": site.region,
        **HEALTH,
        "http_health_check": ask,
        "log_config": Block({"enable": True}),
    }
    why = f"Whether an instance of {host.name} is well: asked by the balancers, and by what replaces the lost."
    lifecycle = {"create_before_destroy": True}
    return part.make("google_compute_region_health_check", host.id, settings, why, lifecycle=lifecycle)


def _endpoints(site: Site, host: Hosted) -> Resource:
    part = site.part(host.name, "edge", host.service.place)
    settings = {
        "name": site.name(host.name),
        "region": site.region,
        "network_endpoint_type": "SERVERLESS",
        "cloud_run": Block({"service": Ref(f"google_cloud_run_v2_service.{host.id}", "name")}),
    }
    return part.make("google_compute_region_network_endpoint_group", host.id, settings)
