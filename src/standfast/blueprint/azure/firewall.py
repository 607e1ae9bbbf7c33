"""Network security groups: a group on every subnet, and a rule for every edge of the call graph. Nothing else.

Servers are told apart by the application security group of their service, so a rule names two services and a port.
Containers and pods share the addresses of their platform: there the rules are between subnets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.azure.network import OUT, block, client_addresses, used
from standfast.blueprint.azure.site import GROUP, Part, Site
from standfast.blueprint.model import Ref, Resource
from standfast.blueprint.site import Hosted, shortened, targets
from standfast.problem import Place

PORTS_OF_V2 = "65200-65535"  # Azure runs the gateway through these (Application Gateway docs, "Infrastructure")
BARE = ("GatewaySubnet",)  # Azure forbids a group here


def asg(host: Hosted) -> Ref:
    return Ref(f"azurerm_application_security_group.{host.id}", "id")


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("network", "firewall")
    if site.plan.shape == "vm":
        for host in site.hosted:
            own = site.part(host.name, "firewall", host.service.place)
            yield own.placed("azurerm_application_security_group", host.id, site.name(host.name), {})
    for name in used(site):
        if name in BARE:
            continue
        key = name.lower()
        yield part.placed("azurerm_network_security_group", key, site.name(key), {})
        joined = {
            "subnet_id": Ref(f"azurerm_subnet.{key}", "id"),
            "network_security_group_id": Ref(f"azurerm_network_security_group.{key}", "id"),
        }
        yield part.make("azurerm_subnet_network_security_group_association", key, joined)
    rules = Rules(site)
    yield from rules.all()


def homes_of(site: Site) -> list[str]:
    """The subnets from which services speak; what they run in, last."""
    return [OUT[site.plan.shape], *(["pods"] if site.clustered else [])] if site.hosted else []


class Rules:
    """Rules, numbered as they come: a group's priorities must differ."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.next: dict[tuple[str, str], int] = {}

    def all(self) -> Iterator[Resource]:
        site, home = self.site, OUT[self.site.plan.shape]
        part = site.part("network", "firewall")
        if site.public:
            yield from self._gateway(part)
        if site.plan.shape == "vm":
            yield from self._between_servers()
        elif site.hosted:
            yield from self._of_platform(part, home)
        yield from self._stores()
        for name in used(site):
            if name in ("postgres", "mysql"):
                yield from self._databases_out(part, name)
            if name not in BARE:
                yield from self._nothing_else(part, name, name in homes_of(site))

    def _gateway(self, part: Part) -> Iterator[Resource]:
        users, balancers = client_addresses(self.site), "AzureLoadBalancer"
        for name, port in (("https", "443"), ("http", "80")):
            why = "" if name == "https" else "Answered with a redirect to HTTPS, nothing else."
            yield self._rule(part, "gateway", name, "Inbound", users, "*", port, f"{name.upper()} from users", why)
        yield self._rule(part, "gateway", "control", "Inbound", "GatewayManager", "*", PORTS_OF_V2, "Azure runs it")
        yield self._rule(part, "gateway", "probes", "Inbound", balancers, "*", "*", "Azure asks whether it is well")

    def _between_servers(self) -> Iterator[Resource]:
        site = self.site
        called, done = {one.name: one for one in site.called}, set()
        for host in site.hosted:
            part = site.part(host.name, "firewall", host.service.place)
            port = str(host.service.port)
            if host.service.public:
                said = f"{host.name} from the gateway"
                source = block(site, "gateway")
                yield self._rule(part, "app", f"{host.id}_from_gateway", "Inbound", source, asg(host), port, said)
            if host.listener is not None:
                said = f"{host.name} is asked whether it is well"
                yield self._rule(
                    part, "app", f"{host.id}_probes", "Inbound", "AzureLoadBalancer", asg(host), port, said
                )
            places: dict[str, Place] = {
                name: call.place for call in host.service.calls for name in (call.to, call.cached_by) if name
            }
            for name in targets(host.service):
                other = called.get(name)
                if other and (host.name, name) not in done:
                    done.add((host.name, name))
                    edge = site.part(host.name, "firewall", places[name])
                    said = f"{host.name} calls {name}"
                    port = str(other.service.port)
                    yield self._rule(
                        edge, "app", f"{host.id}_to_{other.id}", "Inbound", asg(host), asg(other), port, said
                    )

    def _of_platform(self, part: Part, home: str) -> Iterator[Resource]:
        """Containers, nodes and pods: which service talks to which is for the platform's own policies to say."""
        homes = homes_of(self.site)
        for name in homes:
            for other in homes:
                said = f"{name} from {other}: the platform among itself"
                source = block(self.site, other)
                yield self._rule(part, name, f"{name}_from_{other}", "Inbound", source, "*", "*", said, protocol="*")
            yield self._rule(part, name, f"{name}_probes", "Inbound", "AzureLoadBalancer", "*", "*", "Azure's probes")
        if self.site.public:
            name, said = homes[-1], "Users, through the gateway"
            ports = ["443"] if home == "containers" else sorted({str(one.service.port) for one in self.site.public})
            for port in ports:
                source = block(self.site, "gateway")
                yield self._rule(part, name, f"{name}_from_gateway_{port}", "Inbound", source, "*", port, said)

    def _stores(self) -> Iterator[Resource]:
        site, paired = self.site, False
        for kept in (*site.databases, *site.caches):
            part = site.part(kept.name, "firewall", kept.store.place)
            group = kept.kind if kept.kind in ("postgres", "mysql") else "endpoints"
            port, said = str(site.port(kept.kind)), f"{kept.name} from its callers"
            if kept.kind == "postgres":
                own = block(site, "postgres")  # the servers of a pair, and what tests them, among themselves
                if not paired:
                    paired = True
                    yield self._rule(part, group, "postgres_own", "Inbound", own, own, "*", "PostgreSQL among itself")
            if site.plan.shape == "vm":
                for host in kept.callers:
                    name, said = f"{host.id}_to_{kept.id}", f"{host.name} asks {kept.name}"
                    yield self._rule(part, group, name, "Inbound", asg(host), "*", port, said)
            elif kept.callers:
                source = block(site, homes_of(site)[-1])
                yield self._rule(part, group, f"callers_to_{kept.id}", "Inbound", source, "*", port, said)
        if site.hosted:  # the vault and storage: over TLS, from where services run; who they are is asked there
            part, homes = site.part("secrets", "firewall"), homes_of(site)
            for home in homes:
                name, said = f"{home}_to_endpoints", f"The vault and storage, from {home}"
                source = block(site, home)
                yield self._rule(part, "endpoints", name, "Inbound", source, "*", "443", said)

    def _databases_out(self, part: Part, name: str) -> Iterator[Resource]:
        """A managed server archives its log, asks who may log in, and opens its key (Azure docs, flexible servers,
        "Networking: virtual network concepts")."""
        for tag in ("Storage", "AzureActiveDirectory", "AzureKeyVault"):
            said = f"{name} needs {tag}"
            yield self._rule(part, name, f"{name}_to_{tag.lower()}", "Outbound", "*", tag, "443", said)

    def _nothing_else(self, part: Part, name: str, goes_out: bool) -> Iterator[Resource]:
        key = name.lower()
        yield self._refuse(part, key, "Inbound", "*", "*", "What no rule above allows")
        if goes_out:
            why = "Images are pulled from their registry and Azure is called over HTTPS; nothing else leaves."
            yield self._rule(part, key, f"{key}_https_out", "Outbound", "*", "Internet", "443", "HTTPS out", why)
            if name == "nodes":  # nodes ask their control plane
                yield self._rule(part, key, f"{key}_udp_out", "Outbound", "*", "AzureCloud", "1194", "Control plane",
                                 protocol="Udp")  # fmt: skip
            said = "To databases, caches and services in the network"
            yield self._rule(part, key, f"{key}_inside_out", "Outbound", "*", "VirtualNetwork", "*", said)
        if name != "gateway":
            yield self._refuse(part, key, "Outbound", "*", "Internet", "Nothing else goes to the internet")

    def _refuse(self, part: Part, group: str, way: str, source: str, target: str, said: str) -> Resource:
        name = f"{group}_no_other_{'in' if way == 'Inbound' else 'out'}"
        settings = self._settings(group, name, way, source, target, "*", said, "*")
        return part.make("azurerm_network_security_rule", name, {**settings, "priority": 4096, "access": "Deny"})

    def _rule(
        self, part: Part, group: str, name: str, way: str, source: Any, target: Any, port: str, said: str,
        why: str = "", protocol: str = "Tcp",
    ) -> Resource:  # fmt: skip
        settings = self._settings(group, name, way, source, target, port, said, protocol)
        return part.make("azurerm_network_security_rule", name, settings, why)

    def _settings(
        self, group: str, name: str, way: str, source: Any, target: Any, port: str, said: str, protocol: str
    ) -> dict[str, Any]:
        number = self.next[group, way] = self.next.get((group, way), 90) + 10
        key = group.lower()
        return {
            "name": shortened(name.replace("_", "-"), 80),
            "description": said[:140],
            "resource_group_name": GROUP,
            "network_security_group_name": Ref(f"azurerm_network_security_group.{key}", "name"),
            "priority": number,
            "direction": way,
            "access": "Allow",
            "protocol": protocol,
            **_end("source", source),
            "source_port_range": "*",
            **_end("destination", target),
            "destination_port_range": port,
        }


def _end(side: str, peer: Any) -> dict[str, Any]:
    if isinstance(peer, Ref):
        return {f"{side}_application_security_group_ids": [peer]}
    return {f"{side}_address_prefix": peer}
