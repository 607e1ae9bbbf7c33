"""Where users come in: which services are public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standfast.spec.draft.calls import Calls, behind
from standfast.spec.draft.images import Known
from standfast.spec.draft.workload import GUESSED, Need, Remarks, Workload

# What people call the part that users meet, the likeliest first.
_FRONT = (
    "proxy",
    "gateway",
    "nginx",
    "web",
    "frontend",
    "front",
    "ui",
    "client",
    "www",
    "app",
    "site",
    "server",
    "api",
)


def find_public(
    services: Sequence[Workload], known: Mapping[str, Known], calls: Calls, remarks: Remarks
) -> tuple[str, ...]:
    """The services users reach. Adds to `calls` what a proxy is guessed to pass on to.

    Published and not a store; what stands behind a published proxy is reached through it alone.
    """
    own = [one for one in services if known[one.name].role != "alone"]
    proxies = [one for one in own if known[one.name].role == "proxy" and one.published]
    for proxy in proxies:
        _pass_on(proxy, proxies, own, calls, remarks)
    inside = {name for proxy in proxies for name in behind(proxy.name, calls)}
    open_ones = [one for one in own if one.published or (one.routed and not proxies)]
    public = [one for one in open_ones if one in proxies or one.name not in inside]
    for one in open_ones:
        if one not in public:
            front = next(proxy.name for proxy in proxies if one.name in behind(proxy.name, calls))
            port = one.published[0] if one.published else None
            if port:
                what = f"{one.name} publishes port {port.number}, but {front} stands in front of it: it is not public"
                remarks.say(what, port.place, fix="add public: true if users are to reach it directly too")
    return tuple(one.name for one in public) or _likeliest(own, calls, remarks)


def _pass_on(
    proxy: Workload, proxies: Sequence[Workload], own: Sequence[Workload], calls: Calls, remarks: Remarks
) -> None:
    """A proxy whose configuration is a file of its own does not say whom it calls."""
    if calls[proxy.name]:
        return
    called = {name for caller in calls.values() for name in caller}
    others = [one for one in own if one not in proxies]
    hidden = [one for one in others if one.name not in called and not one.published]
    targets = [one for one in others if one.routed] or [one for one in hidden if one.ports] or hidden
    for one in targets:
        calls[proxy.name][one.name] = Need(one.name, GUESSED, "a guess", proxy.place)
    if targets and not any(one.routed for one in targets):
        names = ", ".join(one.name for one in targets)
        what = f"nothing here says what {proxy.name} passes requests on to: taken {names}, which nobody else calls"
        remarks.say(what, proxy.place, fix=f"correct the calls of {proxy.name}")


def _likeliest(own: Sequence[Workload], calls: Calls, remarks: Remarks) -> tuple[str, ...]:
    """Nothing is published: of those that nobody calls, the one that looks most like a front."""
    called = {name for caller in calls.values() for name in caller}

    def rank(one: Workload) -> tuple[bool, bool, int]:
        words = one.name.lower().replace("_", "-").split("-")
        front = min((_FRONT.index(word) for word in words if word in _FRONT), default=len(_FRONT))
        return (not any(port.local for port in one.ports), one.name in called, front)

    chosen = min(own, key=rank)
    local = any(port.local for port in chosen.ports)
    why = "it publishes a port, though on its own machine only" if local else "no service publishes a port"
    what = f"{chosen.name} is taken as the one that users reach"
    remarks.say(what, chosen.place, why, "put public: true where they really come in")
    return (chosen.name,)
