"""What of the data a principal must reach, as the call graph of the spec has it.

A service reads and writes the stores it calls, and reads their logins and its own secrets. What the plan itself stands
beside the services has needs of its own: `BESIDE`, by the component it is of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from standfast.audit.rights.model import Access
from standfast.spec import System

# Component of a principal -> what it needs, in words.
BESIDE: Mapping[str, str] = {
    "backup": "copies all data, and brings it back",
    "cluster": "hands secrets to the services of the cluster",
    "external-secrets": "hands secrets to the services of the cluster",
    "operator": "sets secrets when the code is applied",
    "balancer": "reads its certificate",
    "standby": "copies data to the other site",
    "replication": "copies data to the other site",
}


@dataclass(frozen=True)
class Need:
    """Why an access may be; `allowed` False: nothing in the spec asks for it."""

    allowed: bool
    why: str


def needs(system: System, access: Access) -> Need:
    """Whether the spec asks for this access."""
    who, what, way = access.principal, access.data, access.way
    services = {one.name: one for one in system.services}
    stores = {one.name: one for one in system.stores}
    if who.component in services:
        service = services[who.component]
        called = {name for call in service.calls for name in (call.to, call.cached_by) if name}
        secrets = {re.sub(r"\W", "_", name) for name in service.secrets}
        own = what.component == service.name or what.resource.name in secrets
        if what.component in called:
            return Need(True, f"{service.name} calls {what.component}")
        if what.holds == "secret" and way == "read" and own:
            return Need(True, f"{service.name} reads its own secrets")
        return Need(False, f"{service.name} calls no {what.component or what.name}")
    if who.component in BESIDE:
        return Need(True, f"{who.component} {BESIDE[who.component]}")
    if what.component in stores and way == "read" and _delivers(system, what.component, who.name):
        return Need(True, f"{what.component} is delivered to users")
    if who.component and who.component == what.component:
        return Need(True, f"{who.component} keeps its own")
    return Need(False, "nothing in the spec asks for it")


def _delivers(system: System, store: str, who: str) -> bool:
    """Content delivery reads the objects of a store that says `cdn: true`: as a service, or as everybody would."""
    kept = next(one for one in system.stores if one.name == store)
    return kept.cdn and who in ("service cloudfront", "everybody")
