"""The web firewall before the balancer: rules that Google keeps up to date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.gcp.site import Site
from standfast.blueprint.model import Block, Ref, Resource, Var

# Preconfigured rules (Google "Cloud Armor preconfigured WAF rules", 2026), at the level with the fewest false alarms.
ALWAYS = ("xss", "lfi", "rfi", "rce", "protocolattack", "scannerdetection", "sessionfixation")
WITH_DATABASE = ("sqli",)
NEW = "cve-canary"  # holes that are young and used, Log4j's among them: all of it, at no level
LAST = 2_147_483_647  # the rule for what no other is about


def policy(site: Site) -> Ref | None:
    """What looks at requests before a public service; None where nothing does."""
    if not _stands(site):
        return None
    kind = "security_policy" if everywhere(site) else "region_security_policy"
    return Ref(f"google_compute_{kind}.main", "id")


def everywhere(site: Site) -> bool:
    """Whether the balancer is the one that a cluster makes, which belongs to no region."""
    return site.plan.shape == "kubernetes"


def _stands(site: Site) -> bool:
    return bool(site.public) and (site.private or site.plan.choice("waf") is not None)


def resources(site: Site) -> Iterator[Resource]:
    if not _stands(site):
        return
    part = site.part("waf", "edge")
    names = ALWAYS + (WITH_DATABASE if site.databases else ())
    rules = _waf(names) if site.plan.choice("waf") else []
    if site.private:
        rules.append(_from("allow", 10_000, [Var("client_cidr")], "Users are in here"))
    rules.append(_from("deny(403)" if site.private else "allow", LAST, ["*"], "Everybody else"))
    settings: dict[str, Any] = {"name": site.name(), "type": "CLOUD_ARMOR"}
    body = {"json_parsing": "STANDARD", "log_level": "NORMAL"}
    why = "Requests that look like an attack are refused before they reach a service."
    if everywhere(site):
        settings |= {"rule": rules, "advanced_options_config": Block(body)}
        yield part.make("google_compute_security_policy", "main", settings, why)
    else:
        settings |= {"region": site.region, "rules": rules, "advanced_options_config": Block(body)}
        yield part.make("google_compute_region_security_policy", "main", settings, why)


def _waf(names: tuple[str, ...]) -> list[Block]:
    level = {name: f"evaluatePreconfiguredWaf('{name}-v33-stable', {{'sensitivity': 1}})" for name in names}
    asked = {**level, NEW: f"evaluatePreconfiguredWaf('{NEW}')"}
    return [_refused(name, said, 1000 + 10 * number) for number, (name, said) in enumerate(asked.items())]


def _refused(name: str, expression: str, priority: int) -> Block:
    match = Block({"expr": Block({"expression": expression})})
    return Block({"action": "deny(403)", "priority": priority, "description": name, "match": match})


def _from(action: str, priority: int, ranges: list[Any], said: str) -> Block:
    match = Block({"versioned_expr": "SRC_IPS_V1", "config": Block({"src_ip_ranges": ranges})})
    return Block({"action": action, "priority": priority, "description": said, "match": match})
