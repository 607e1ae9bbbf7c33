"""Programs of the lab that are Python's: the built-in service, told what the spec says, and the object store.

A service that has a command of its own runs by that: see commands.py."""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path

from standfast.blueprint.site import identifier, targets
from standfast.plan import Plan
from standfast.spec.model import Service
from standfast.worlds.lab.binaries import _works
from standfast.worlds.lab.roles.values import Values
from standfast.worlds.lab.system.hosts import PORTS, Host
from standfast.worlds.lab.system.launch import RESTART, Run
from standfast.worlds.lab.system.room import Place

SERVICE = "standfast.worlds.lab.service"
OTLP = 4318  # where the host that watches takes spans


def service_run(plan: Plan, host: Host, values: Values, hosts: tuple[Host, ...], place: Place) -> Run:
    """The built-in service, told what the spec says of this one and where what it calls is."""
    service = next(one for one in plan.system.services if one.name == host.component)
    root = place.root(host.name)
    folder, path = root / "var/log", root / "etc/service.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(service_config(plan, service, host, values, hosts, place), indent=1) + "\n")
    for one in (root, *root.rglob("*")):
        place.user.own(one)
    ours = _works([sys.executable, "-c", ""], place.user)
    return Run(
        host.name, host.name, (sys.executable, "-m", SERVICE, str(path)), str(root),
        str(folder / f"{service.name}.log"), host.address, host.port, ready=service.health,
        environment=python_path(), unprivileged=ours, again=RESTART,
    )  # fmt: skip


def python_path() -> dict[str, str]:
    import standfast

    return {"PYTHONPATH": str(Path(standfast.__file__).parent.parent), "PYTHONDONTWRITEBYTECODE": "1"}


def service_config(
    plan: Plan, service: Service, host: Host, values: Values, hosts: tuple[Host, ...], place: Place
) -> dict:
    """CONFIG.json of the built-in service; addresses and passwords are those that the role would give it."""
    secrets, addresses = values["service_secrets"], values["service_addresses"]
    kinds = {store.name: store.kind for store in plan.system.stores}
    places = {one.component: one for one in hosts}
    told: dict[str, dict] = {}
    for name in targets(service):
        prefix, kind = identifier(name).upper(), kinds.get(name, "service")
        if kind == "service":
            authority = str(place.room / "authority.pem")
            told[name] = {"kind": kind, "url": addresses[f"{prefix}_URL"], "host": "balancer", "ca": authority}
        elif kind in ("postgres", "redis") and name in places:
            told[name] = {"kind": kind, "url": secrets[f"{prefix}_URL"]}
        elif kind == "objects":
            told[name] = {"kind": kind, "url": f"http://{places[name].address}:{PORTS['objects']}/{name}"}
    calls = [
        {
            "to": call.to, "times": call.times, "share": call.share, "parallel": call.parallel,
            "essential": call.essential, "cached_by": call.cached_by, "hit_rate": call.hit_rate,
        }
        for call in service.calls
        if call.to in told  # what the lab has no program for is not called
    ]  # fmt: skip
    watch = next((one for one in hosts if one.role == "watch"), None)
    promised = plan.system.promises.performance.percentiles.values()
    return {
        "name": service.name, "address": host.address, "port": host.port, "health": service.health,
        "cpu": service.cpu, "variation": service.variation, "wait": service.wait,
        "response": int(service.response * 2**30), "calls": calls, "targets": told, "buckets": sorted(promised),
        "otlp": f"http://{watch.address}:{OTLP}" if watch is not None else "",
    }  # fmt: skip


def objects_run(host: Host, place: Place) -> Run:
    """An S3 of this machine: moto, which keeps what it is given in memory."""
    root = place.root(host.name)
    make_folder(root / "var/log", place)
    ours = _works([sys.executable, "-c", ""], place.user)
    return Run(
        host.name, host.name, (sys.executable, "-m", "moto.server", "-H", host.address, "-p", str(host.port)),
        str(root), str(root / "var/log/objects.log"), host.address, host.port, ready="/moto-api/",
        environment=python_path(), unprivileged=ours, again=RESTART,
    )  # fmt: skip


def make_folder(path: Path, place: Place) -> None:
    """A folder of a host, with those above it, for the user that its program runs as."""
    path.mkdir(parents=True, exist_ok=True)
    while path != place.room:
        place.user.own(path)
        path = path.parent


def make_bucket(host: Host) -> None:
    request = urllib.request.Request(f"http://{host.address}:{host.port}/{host.component}", method="PUT")
    urllib.request.urlopen(request, timeout=10).close()
