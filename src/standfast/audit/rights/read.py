"""The rights of an estate, whichever cloud its resources are of."""

from __future__ import annotations

from standfast.audit.estate import Estate
from standfast.audit.rights import azure, google
from standfast.audit.rights.aws import access as aws
from standfast.audit.rights.model import Access


def read_access(estate: Estate) -> list[Access]:
    """Who may read and write what, each once: a certain way before one that may be, the shortest first."""
    found: dict[tuple[str, str, str], Access] = {}
    for one in (*aws.read_access(estate), *azure.read_access(estate), *google.read_access(estate)):
        key = (one.data.name, one.principal.name, one.way)
        known = found.get(key)
        if known is None or (not one.certain, len(one.hops)) < (not known.certain, len(known.hops)):
            found[key] = one
    return [found[key] for key in sorted(found)]
