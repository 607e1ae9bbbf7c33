"""The application gateway: TLS for users, the web firewall, and a pool of servers or containers for each service."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from standfast.blueprint.azure.edge import failover
from standfast.blueprint.azure.edge.domain import TTL, ZONE, owns_zone, relative
from standfast.blueprint.azure.network import block, subnet
from standfast.blueprint.azure.site import GROUP, LOCATION, MARK, Part, Site
from standfast.blueprint.model import Block, Join, Output, Ref, Resource
from standfast.blueprint.site import Hosted

ADDRESS = "azurerm_public_ip.gateway"
GATEWAY = Ref("azurerm_application_gateway.main", "id")
# TLS 1.2 and 1.3 (Application Gateway docs, "TLS policy overview": the newest predefined one without CBC of TLS 1.2)
TLS_POLICY = "AppGwSslPolicy20220101S"
# Two failed checks ten seconds apart: what the plan's recovery times are reckoned with.
HEALTH = {"interval": 10, "timeout": 5, "unhealthy_threshold": 2}
CAPACITY = (2, 10)  # units: two at least, so that no instance is alone
FRONT = "users"
CERTIFICATE = "public"
KEPT_BY_ADD_ON = [
    "backend_address_pool", "backend_http_settings", "frontend_port", "http_listener", "probe",
    "redirect_configuration", "request_routing_rule", "tags", "url_path_map",
]  # fmt: skip


def pool(host: Hosted) -> str:
    return host.name


def resources(site: Site) -> Iterator[Resource]:
    if not site.public:
        return
    part = site.part("balancer", "edge")
    if not site.private:
        address = {
            "allocation_method": "Static",
            "sku": "Standard",
            **site.over_zones,
            "domain_name_label": Join((f"{site.name(limit=50)}-", MARK)),
        }
        yield part.placed("azurerm_public_ip", "gateway", site.name("gateway"), address, "Where users arrive.")
    yield from _identity(site, part)
    firewall = site.plan.choice("waf") is not None
    if firewall:
        yield _firewall(site)
    yield _gateway(site, part, firewall)
    if owns_zone(site):
        for host in site.public:
            yield _record(site, host)


def _identity(site: Site, part: Part) -> Iterator[Resource]:
    why = "The gateway reads its certificate with this identity."
    yield part.placed("azurerm_user_assigned_identity", "gateway", site.name("gateway"), {}, why)
    may = {
        "scope": Ref("azurerm_key_vault_certificate.public", "resource_manager_versionless_id"),
        "role_definition_name": "Key Vault Secrets User",
        "principal_id": Ref("azurerm_user_assigned_identity.gateway", "principal_id"),
        "principal_type": "ServicePrincipal",
    }
    yield part.make("azurerm_role_assignment", "gateway_reads_certificate", may)


def _firewall(site: Site) -> Resource:
    part = site.part("waf", "edge")
    settings = {
        "policy_settings": Block(
            {
                "enabled": True,
                "mode": "Prevention",
                "request_body_check": True,
                "max_request_body_size_in_kb": 2000,
                "file_upload_limit_in_mb": 100,
            }
        ),
        "managed_rules": Block(
            {
                "managed_rule_set": [
                    Block({"type": "Microsoft_DefaultRuleSet", "version": "2.1"}),
                    Block({"type": "Microsoft_BotManagerRuleSet", "version": "1.1"}),
                ]
            }
        ),
    }
    why = "Requests that look like an attack are refused before they reach a service. Rules that Azure keeps."
    return part.placed("azurerm_web_application_firewall_policy", "main", site.name("waf"), settings, why)


def _gateway(site: Site, part: Part, firewall: bool) -> Resource:
    kind = "WAF_v2" if firewall else "Standard_v2"
    least, most = CAPACITY
    settings: dict[str, Any] = {
        "name": site.name(limit=80),
        "resource_group_name": GROUP,
        "location": LOCATION,
        **site.over_zones,
        "http2_enabled": True,
        "firewall_policy_id": Ref("azurerm_web_application_firewall_policy.main", "id") if firewall else None,
        "sku": Block({"name": kind, "tier": kind}),
        "autoscale_configuration": Block({"min_capacity": least, "max_capacity": most}),
        "identity": Block(
            {"type": "UserAssigned", "identity_ids": [Ref("azurerm_user_assigned_identity.gateway", "id")]}
        ),
        "ssl_policy": Block({"policy_type": "Predefined", "policy_name": TLS_POLICY}),
        "ssl_certificate": Block(
            {
                "name": CERTIFICATE,
                "key_vault_secret_id": Ref("azurerm_key_vault_certificate.public", "versionless_secret_id"),
            }
        ),
        "gateway_ip_configuration": Block({"name": "gateway", "subnet_id": subnet("gateway")}),
        "frontend_ip_configuration": Block(_front(site)),
        "frontend_port": [Block({"name": "https", "port": 443}), Block({"name": "http", "port": 80})],
        "backend_address_pool": [Block(_pool(site, host)) for host in site.public],
        "backend_http_settings": [Block(_backend(site, host)) for host in site.public],
        "probe": [Block(_probe(site, host)) for host in site.public],
        "http_listener": [Block(one) for host in site.public for one in _listeners(site, host)],
        "redirect_configuration": [Block(_redirect(host)) for host in site.public],
        "request_routing_rule": [Block(one) for number, host in enumerate(site.public) for one in _rules(host, number)],
    }
    why = "TLS 1.2 and 1.3 for users; only requests for a name of ours go on to a service."
    needs = ("azurerm_role_assignment.gateway_reads_certificate",
             "azurerm_subnet_network_security_group_association.gateway")  # fmt: skip
    if site.clustered:
        why += " What follows from the cluster's Ingress objects is kept by its add-on, and begins as written here."
    life = {"ignore_changes": KEPT_BY_ADD_ON} if site.clustered else None
    return part.make("azurerm_application_gateway", "main", settings, why, tag=True, depends_on=needs, lifecycle=life)


def _front(site: Site) -> dict[str, Any]:
    if site.private:
        return {
            "name": FRONT,
            "subnet_id": subnet("gateway"),
            "private_ip_address_allocation": "Static",
            "private_ip_address": private_address(site),
        }
    return {"name": FRONT, "public_ip_address_id": Ref(ADDRESS, "id")}


def private_address(site: Site) -> str:
    """The gateway's address inside the network, where users come from private networks only."""
    return str(IPv4Network(block(site, "gateway"))[10])


def _pool(site: Site, host: Hosted) -> dict[str, Any]:
    if site.plan.shape == "container":
        return {"name": pool(host), "fqdns": [Ref(f"azurerm_container_app.{host.id}", "ingress[0].fqdn")]}
    return {"name": pool(host)}  # servers join it themselves; pods are joined to it by the cluster's add-on


def pool_id(host: Hosted) -> Join:
    """A pool's id: the gateway tells its pools as a set, which has no order to pick one by."""
    return Join((GATEWAY, f"/backendAddressPools/{pool(host)}"))


def _backend(site: Site, host: Hosted) -> dict[str, Any]:
    apart = site.plan.shape == "container"
    return {
        "name": host.name,
        "port": 443 if apart else host.service.port,
        "protocol": "Https" if apart else "Http",
        "cookie_based_affinity": "Disabled",
        "pick_host_name_from_backend_address": True if apart else None,
        "request_timeout": 30,
        "probe_name": host.name,
        "connection_draining": Block({"enabled": True, "drain_timeout_sec": 30}),
    }


def _probe(site: Site, host: Hosted) -> dict[str, Any]:
    apart = site.plan.shape == "container"
    return {
        "name": host.name,
        "protocol": "Https" if apart else "Http",
        "path": host.service.health,
        "host": None if apart else "127.0.0.1",
        "pick_host_name_from_backend_http_settings": True if apart else None,
        **HEALTH,
        "match": Block({"status_code": ["200-399"]}),
    }


def _listeners(site: Site, host: Hosted) -> Iterator[dict[str, Any]]:
    common = {"frontend_ip_configuration_name": FRONT, "host_name": site.host(host.name)}
    yield {
        "name": f"{host.name}-https",
        **common,
        "frontend_port_name": "https",
        "protocol": "Https",
        "ssl_certificate_name": CERTIFICATE,
    }
    yield {"name": f"{host.name}-http", **common, "frontend_port_name": "http", "protocol": "Http"}


def _redirect(host: Hosted) -> dict[str, Any]:
    return {
        "name": host.name,
        "redirect_type": "Permanent",
        "target_listener_name": f"{host.name}-https",
        "include_path": True,
        "include_query_string": True,
    }


def _rules(host: Hosted, number: int) -> Iterator[dict[str, Any]]:
    yield {
        "name": f"{host.name}-https",
        "priority": 20 * number + 10,
        "rule_type": "Basic",
        "http_listener_name": f"{host.name}-https",
        "backend_address_pool_name": pool(host),
        "backend_http_settings_name": host.name,
    }
    yield {
        "name": f"{host.name}-http",
        "priority": 20 * number + 20,
        "rule_type": "Basic",
        "http_listener_name": f"{host.name}-http",
        "redirect_configuration_name": host.name,
    }


def _record(site: Site, host: Hosted) -> Resource:
    part = site.part(host.name, "edge", host.service.place)
    settings: dict[str, Any] = {
        "name": relative(site, host.name),
        "zone_name": ZONE,
        "resource_group_name": GROUP,
        "ttl": TTL,
    }
    if site.private:
        settings["records"] = [private_address(site)]
    elif failover.used(site):
        settings["target_resource_id"] = Ref(failover.PROFILE, "id")
    else:
        settings["target_resource_id"] = Ref(ADDRESS, "id")
    return part.make("azurerm_dns_a_record", host.id, settings, f"Users reach {host.name} here.", tag=True)


def outputs(site: Site) -> Iterator[Output]:
    for host in site.public:
        name = site.host(host.name)
        url = Join(("https://", *(name.parts if isinstance(name, Join) else (name,))))
        yield Output(f"{host.id}_url", f"Where users reach {host.name}", url)
    if site.public and not site.private:
        yield Output("gateway", "Address at which users arrive", Ref(ADDRESS, "ip_address"))
    if owns_zone(site):
        means = "Set the name servers of the domain to these"
        yield Output("name_servers", means, Ref("azurerm_dns_zone.main", "name_servers"))
