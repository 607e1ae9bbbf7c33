"""Addresses of Google Cloud as they are written: ranges, and hosts whose address is decided when they are made.

Such a host stands for itself (`HOSTS`), and is known to lie within a range: a rule for the whole range holds it too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from standfast.audit.reach.spans import (
    ALL_ADDRESSES,
    ANYWHERE,
    HOSTS,
    PRIVATE,
    Spans,
    difference,
    intersection,
    lone,
    network,
    union,
)
from standfast.audit.reading import LATER, known
from standfast.blueprint import Join, Ref, Resource

# Google's probes and the proxies of its global balancers; its proxy for logging in to servers.
# Source: Google Cloud docs, "Health checks overview: firewall rules", "Using IAP for TCP forwarding".
PROBES = union(
    network("35.191.0.0/16"), network("130.211.0.0/22"), network("209.85.152.0/22"), network("209.85.204.0/22")
)
LOGIN = network("35.235.240.0/20")


@dataclass
class Atlas:
    """host address (of a resource) -> (its number, the range it lies in)."""

    hosts: dict[str, tuple[int, Spans]] = field(default_factory=dict)

    def host(self, owner: Resource, written: Any, within: Spans) -> Spans:
        """The address of a host: as it is written, else one of its own."""
        if isinstance(written, str) and (found := network(written)):
            return found
        key = written.address if isinstance(written, Ref) else owner.address
        number, _ = self.hosts.setdefault(key, (len(self.hosts), within or PRIVATE))
        return lone(HOSTS[0][0] + number)

    def read(self, written: Any) -> Spans | None:
        """What a range of a rule stands for; None where that is decided later."""
        if isinstance(written, str):
            return self._range(network(written))
        refs = [one for one in written.parts if isinstance(one, Ref)] if isinstance(written, Join) else [written]
        if len(refs) == 1 and isinstance(refs[0], Ref) and refs[0].address in self.hosts:
            number, _ = self.hosts[refs[0].address]
            return lone(HOSTS[0][0] + number)
        if isinstance(refs[0], Ref) and isinstance(literal := known({"value": refs[0]}, "value"), str):
            return self._range(network(literal))
        return None if isinstance(written, LATER) else ()

    def _range(self, addresses: Spans) -> Spans | None:
        """With the hosts that lie in it for certain; None where one only may."""
        if not difference(ALL_ADDRESSES[:1], addresses):
            return ANYWHERE if addresses == ALL_ADDRESSES else union(addresses, HOSTS)
        found = [addresses]
        for number, within in self.hosts.values():
            if not difference(within, addresses):
                found.append(lone(HOSTS[0][0] + number))
            elif within != PRIVATE and intersection(within, addresses):
                return None
        return union(*found)
