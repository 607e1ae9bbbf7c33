"""A service's own command: found on this machine, and told what production would tell it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from standfast.blueprint.site import identifier, targets
from standfast.plan import Plan
from standfast.problem import Place as Written
from standfast.problem import Problem, Problems, quoted
from standfast.spec.model import Service
from standfast.worlds.lab.binaries import _works, can_reach
from standfast.worlds.lab.roles.values import Values
from standfast.worlds.lab.services.builtin import make_folder, service_run
from standfast.worlds.lab.system.hosts import PORTS, Host
from standfast.worlds.lab.system.launch import Run
from standfast.worlds.lab.system.room import Place

DATA = "var/lib/data"  # of a stateful service, below its host's folder
SHOWN = 160  # characters of a command, and of a line of its output
TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")  # whom programs believe
RUN_AS = "run as an ordinary user, or open the folder"
REGION = "us-east-1"  # of the object store here, which is in none


@dataclass(frozen=True)
class Services:
    """What runs as the services; of those that run by their own command, what would stand in for it; and why others do
    not."""

    runs: tuple[Run, ...]
    stand_ins: tuple[Run, ...]
    refused: tuple[Problem, ...]


def service_runs(
    plan: Plan, values: Mapping[str, Values], hosts: tuple[Host, ...], place: Place, home: Path | None
) -> Services:
    """`home`: the folder of the spec, where commands run; None: every service is the built-in one."""
    commanded = {one.name for one in plan.system.services if one.argv} if home is not None else set()
    runs, stand_ins, refused = [], [], {}
    for host in (one for one in hosts if one.role == "service"):
        stand_in = run = service_run(plan, host, values[host.name], hosts, place)
        if host.component in commanded and home is not None:
            try:
                run = command_run(plan, stand_in, host, values[host.name], hosts, place, home)
                stand_ins.append(stand_in)
            except Problems as problems:  # the same of every instance
                refused |= dict.fromkeys(problems.problems)
        runs.append(run)
    return Services(tuple(runs), tuple(stand_ins), tuple(refused))


def command_run(
    plan: Plan, stand_in: Run, host: Host, values: Values, hosts: tuple[Host, ...], place: Place, home: Path
) -> Run:
    """The run of a service's own command, in `home`, the folder of the spec. `stand_in`: what would run without it.

    Raises Problems where this machine cannot run it.
    """
    service = next(one for one in plan.system.services if one.name == host.component)
    home = home.resolve()
    program = find_program(service, home, place)
    root = place.root(host.name)
    told = {**environment(plan, service, host, values, hosts, place), "HOME": str(root)}
    command = (str(program), *service.argv[1:])
    return replace(stand_in, command=command, folder=str(home), environment=told, unprivileged=True, own=True)


def find_program(service: Service, home: Path, place: Place) -> Path:
    """As a shell would look for it: a name on PATH, a path from the folder of the spec. Raises Problems."""
    name, place_of = service.argv[0], written(service)
    what = f"{service.name} runs here as the built-in service, not by its own command: {shown(service.argv)}"
    if not can_reach(home, place.user):
        why = f"the unprivileged user that root becomes cannot enter {home}"
        raise Problems([Problem(what, why, RUN_AS, place_of, warning=True)])
    if "/" in name:
        tried = [home / name]
    else:
        tried = [home / folder / name for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    there = [one for one in tried if one.is_file()]
    for path in there:
        if _works(["test", "-x", str(path)], place.user):
            return path
    why = f"{quoted(name)} is not on PATH" if "/" not in name else f"there is no {quoted(name)} beside the spec"
    fix = "install it on this machine, or start the lab where it is, in a virtual environment for instance"
    if there:
        real = there[0].resolve()
        closed = next((one for one in reversed(real.parents) if not can_reach(one, place.user)), None)
        why, fix = f"the user that the lab runs programs as may not run {real}", f"try: chmod a+rx {real}"
        if closed is not None:
            why, fix = f"the unprivileged user that root becomes cannot enter {closed}, where {name} is", RUN_AS
    raise Problems([Problem(what, why, fix, place_of, warning=True)])


def environment(
    plan: Plan, service: Service, host: Host, values: Values, hosts: tuple[Host, ...], place: Place
) -> dict[str, str]:
    """Under the names of production; what the spec says goes first. Stores that the lab lacks are left out.

    Beside them stand HOST, the address that it must listen on, and what a cloud has no need to tell: whose certificates
    to believe, and where this machine's S3 is.
    """
    at = {one.component: one for one in hosts if one.role == "objects"}
    buckets = [name for name in targets(service) if name in at]
    found: dict[str, str] = {name: str(place.room / "authority.pem") for name in TRUST}
    if buckets:
        store = at[buckets[0]]
        found |= {"AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab", "AWS_REGION": REGION}
        found |= {"AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL_S3": f"http://{store.address}:{PORTS['objects']}"}
    for name in buckets:
        prefix, url = identifier(name).upper(), f"http://{at[name].address}:{PORTS['objects']}/{name}"
        cdn = any(one.name == name and one.cdn for one in plan.system.stores)
        found |= {f"{prefix}_BUCKET": name, **({f"{prefix}_URL": url} if cdn else {})}
    if service.stateful:
        found["DATA_DIR"] = str(place.root(host.name) / DATA)
        make_folder(Path(found["DATA_DIR"]), place)
    for group in ("service_all", "service_addresses", "service_environment", "service_secrets"):
        found |= {name: str(value) for name, value in values[group].items()}
    return found


def written(service: Service) -> Written:
    """Where its command stands in the spec."""
    return service.where("entrypoint" if service.entrypoint else "command")


def shown(argv: Iterable[str]) -> str:
    """A command in one line, as one would type it."""
    text = shlex.join(argv)
    text = "".join(one if one.isprintable() else " " for one in text)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
