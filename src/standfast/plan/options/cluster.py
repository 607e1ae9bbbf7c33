"""The nodes of a Kubernetes cluster: which server they are, and what the cluster costs beside its pods."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from standfast.plan.cost import HOURS, line
from standfast.plan.model import Choice, CostLine, Scalar
from standfast.plan.place import Place

# Share of a node that pods can have: the kubelet, the system and the eviction threshold take the rest. GKE and EKS
# reserve 6 to 25 % of memory and a few per cent of CPU on nodes of 16 to 64 GiB (Google Cloud, "Plan GKE Standard node
# sizes"; Amazon EKS best practices, "Node sizing"); daemon sets of logs and metrics need their own.
ALLOCATABLE = 0.85
NODE_VCPU = (4, 16)  # smaller nodes waste more on the system, larger ones lose more at once
NODE_MEMORY = (3.5, 8.5)  # GiB per vCPU: general purpose


@lru_cache(maxsize=1024)
def node(place: Place) -> int:
    """The row of the server that a cluster's nodes are: the least per unit of speed among general-purpose ones.

    A rule of this plan, not part of the exact choice: one pool of one type, as small teams run it.
    """
    shelf = place.catalog.shelf(place.region.name, "server")
    ratio = shelf.memory / shelf.vcpu
    fits = np.flatnonzero(
        ~shelf.burstable
        & (shelf.vcpu >= NODE_VCPU[0]) & (shelf.vcpu <= NODE_VCPU[1])
        & (ratio >= NODE_MEMORY[0]) & (ratio <= NODE_MEMORY[1])
    )  # fmt: skip
    if not len(fits):
        return int(np.argmax(shelf.vcpu))
    return int(fits[np.argmin(shelf.usd_hour[fits] / (shelf.vcpu[fits] * shelf.speed[fits]))])


def lines(place: Place) -> list[CostLine]:
    """What the cluster costs beside its pods: its control plane, and a spare node per zone that rounding needs."""
    region = place.region.name
    shelf = place.catalog.shelf(region, "server")
    offer = shelf.offer(node(place))
    return [
        line("control plane", HOURS, place.catalog.price(region, "kubernetes.cluster_hour")),
        line(f"a spare {offer.name} node in each zone", place.zones * HOURS, offer.price),
    ]


def pool(place: Place, choices: Iterable[Choice]) -> dict[str, Scalar]:
    """The nodes of a plan's pods: which server, how many at the planned peak, and at most. A spare one per zone."""
    offer = place.catalog.shelf(place.region.name, "server").offer(node(place))
    pods = [(choice, _share(choice, offer.vcpu, offer.memory)) for choice in choices if choice.kind == "pod"]

    def nodes(shares: float) -> int:
        return place.zones * (math.ceil(shares / place.zones - 1e-9) + 1)

    return {
        "node": offer.name, "vcpu": offer.vcpu, "memory_gib": offer.memory, "arch": offer.arch,
        "min_count": nodes(sum(share * choice.count for choice, share in pods)),
        "max_count": nodes(sum(share * int(choice.size["max_count"]) for choice, share in pods)),
    }  # fmt: skip


def _share(pod: Choice, vcpu: float, memory: float) -> float:
    """The share of a node that one pod takes of what pods can have."""
    return max(float(pod.size["vcpu"]) / vcpu, float(pod.size["memory_gib"]) / memory) / ALLOCATABLE
