"""Service tags of Azure as named sets: those whose addresses only Azure lists stand for themselves.

Source: Azure docs, "Virtual network service tags" and "What is IP address 168.63.129.16?".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from standfast.audit.reach.spans import (
    ANYWHERE,
    HOSTS,
    PUBLIC,
    SERVICES,
    Spans,
    difference,
    lone,
    network,
    union,
)

# Azure's own probes and name server, not reached from outside a host: nobody else speaks from there.
PLATFORM = network("168.63.129.16/32")
EVERYWHERE = ("*", "any", "0.0.0.0/0")
EVERY_SERVICE = "azurecloud"


@dataclass(frozen=True)
class Tags:
    """`space`: what VirtualNetwork stands for here. `services`: tag in lower case -> its number."""

    space: Spans
    services: dict[str, int]

    def addresses(self, written: str) -> Spans:
        """What a prefix or tag stands for; nothing for text that is neither."""
        name = written.lower()
        if name in EVERYWHERE:
            return ANYWHERE
        if name == "internet":
            return union(difference(PUBLIC, self.space), SERVICES)
        if name == "virtualnetwork":
            return union(self.space, HOSTS)
        if name == "azureloadbalancer":
            return PLATFORM
        if name in self.services:
            return self._service(name)
        return network(written)

    def _service(self, name: str) -> Spans:
        """With those of its regions; AzureCloud holds every other."""
        if name == EVERY_SERVICE:
            return SERVICES
        inside = [number for tag, number in self.services.items() if tag == name or tag.startswith(f"{name}.")]
        return union(*(lone(SERVICES[0][0] + number) for number in inside))


def is_tag(written: object) -> bool:
    """Whether it is a service tag that no address here stands for."""
    known = (*EVERYWHERE, "internet", "virtualnetwork", "azureloadbalancer")
    return isinstance(written, str) and written[:1].isalpha() and written.lower() not in known and ":" not in written


def numbered(written: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted({one.lower() for one in written}))}


def service_addresses(tags: Tags, name: str) -> Spans:
    """One host of the service: not those of the regions that have names of their own."""
    return lone(SERVICES[0][0] + tags.services[name.lower()])
