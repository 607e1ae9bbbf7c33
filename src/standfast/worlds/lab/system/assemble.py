"""From a plan to what runs: the files of every host, and its programs in the order they start."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from standfast.blueprint.site import targets
from standfast.code.ansible import inventory, variables
from standfast.code.ansible.groups import groups_of
from standfast.plan import Plan
from standfast.problem import Problem, Problems
from standfast.spec.model import Service
from standfast.worlds.lab.binaries import Postgres, User, _works
from standfast.worlds.lab.roles.certificates import make_certificates
from standfast.worlds.lab.roles.tasks import Configured, configured
from standfast.worlds.lab.roles.values import Templates, Values, hosts_of
from standfast.worlds.lab.system import programs
from standfast.worlds.lab.system.hosts import PORTS, Host
from standfast.worlds.lab.system.launch import Run
from standfast.worlds.lab.system.watching import watch_runs, watching

ROLE = {"database": "postgres", "cache": "redis", "balancer": "haproxy", "edge": "nginx"}
NEEDED = {"balancer": "haproxy", "edge": "nginx", "cache": "valkey"}
EXPORTERS = {"database": "postgres", "cache": "redis", "balancer": "node"}  # by role of the host they run on
SERVICE = "standfast.worlds.lab.service"
RESTART = 5.0  # seconds: RestartSec of the role's unit (service/templates/limits.conf.j2)


@dataclass(frozen=True)
class Place:
    """Where the lab stands: the room, whom its servers run as, and the programs that were found."""

    room: Path
    user: User
    postgres: Postgres
    found: Mapping[str, Path]

    def root(self, host: str) -> Path:
        return self.room / host


def values_of(plan: Plan, hosts: tuple[Host, ...], place: Place) -> dict[str, Values]:
    """The variables of every host that the inventory knows, as the roles will see them in this place."""
    import pwd

    groups = groups_of(plan)
    files = [*inventory.files(plan, groups), *variables.files(plan, groups)]
    name = pwd.getpwuid(place.user.uid).pw_name if place.user.uid is not None else ""
    environment = {
        "STANDFAST_LAB": str(place.room),
        "STANDFAST_LAB_USER": name,
        "STANDFAST_POSTGRES_BIN": str(place.postgres.bin),
    }
    found = hosts_of(files, Templates(environment), {one.name: one.address for one in hosts})
    told = {"haproxy_program": "haproxy", "nginx_program": "nginx", "redis_program": "valkey"}
    for host in found.values():
        for variable, program in told.items():
            if program in place.found:
                host.raw[variable] = str(place.found[program])  # ty: ignore
    return found


def write_host(host: Host, values: Values, place: Place) -> Configured:
    """Make a host's folder with everything the role puts there, for the user that its program runs as."""
    role = ROLE.get(host.role)
    if role is None:
        return Configured()
    made = configured(role, values)
    if host.role == "database":
        made = replace(made, files=tuple(one for one in made.files))
    try:
        for path, mode in made.folders:
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(mode)
        (place.root(host.name) / "var/log").mkdir(parents=True, exist_ok=True)
        make_certificates(values)
        for path, mode, text in made.files:
            path.touch(mode=0o600)
            path.write_text(text)
            path.chmod(mode)
    except OSError as error:
        raise Problems(
            [
                Problem(
                    f"the folder of {host.name} could not be written", error.strerror or str(error), "free some space"
                )
            ]
        ) from error
    _own_all(place, values, host)
    return made


def _own_all(place: Place, values: Values, host: Host) -> None:
    if place.user.uid is None:
        return
    folders = [place.root(host.name)]
    if host.role == "database":
        folders.append(Path(values["postgres_archive"]))
    for folder in folders:
        place.user.own(folder)
        for path in folder.rglob("*"):
            if not path.is_symlink():
                place.user.own(path)


def run_of(host: Host, made: Configured, place: Place) -> Run:
    """The main program of a host whose role has one."""
    root = place.root(host.name)
    return Run(
        host.name, host.name, made.command, str(root), str(root / f"var/log/{made.name}.log"), host.address, host.port,
        environment=made.environment, again=RESTART if host.role in ("balancer", "edge", "cache") else None,
    )  # fmt: skip


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
    from standfast.blueprint.site import identifier

    kinds = {store.name: store.kind for store in plan.system.stores}
    places = {one.component: one for one in hosts}
    told: dict[str, dict] = {}
    for name in targets(service):
        prefix, kind = identifier(name).upper(), kinds.get(name, "service")
        if kind == "service":
            authority = str(place.room / "authority.pem")
            told[name] = {"kind": kind, "url": addresses[f"{prefix}_URL"], "host": "balancer", "ca": authority}
        elif kind in ("postgres", "redis"):
            told[name] = {"kind": kind, "url": secrets[f"{prefix}_URL"]}
        elif kind == "objects":
            told[name] = {"kind": kind, "url": f"http://{places[name].address}:{PORTS['objects']}/{name}"}
        else:  # mysql: nothing listens there
            told[name] = {"kind": "service", "url": f"http://{host.address}:1"}
    calls = [
        {
            "to": call.to, "times": call.times, "share": call.share, "parallel": call.parallel,
            "essential": call.essential, "cached_by": call.cached_by, "hit_rate": call.hit_rate,
        }
        for call in service.calls
    ]  # fmt: skip
    promised = plan.system.promises.performance.percentiles.values()
    return {
        "name": service.name, "address": host.address, "port": host.port, "health": service.health,
        "cpu": service.cpu, "variation": service.variation, "wait": service.wait,
        "response": int(service.response * 2**30), "calls": calls, "targets": told, "buckets": sorted(promised),
    }  # fmt: skip


def found_programs(hosts: tuple[Host, ...], place_room: Path, user: User) -> tuple[dict[str, Path], list[Problem]]:
    """The programs of these hosts where the user can run them, and what is missing but not needed. Raises Problems."""
    wanted = {NEEDED[one.role] for one in hosts if one.role in NEEDED} | {"openssl"}
    found, wrong = {}, []
    for name in sorted(wanted):
        try:
            found[name] = programs.opened(programs.find(name), place_room, user)
        except Problems as problems:
            wrong += problems.problems
    if wrong:
        raise Problems(wrong)
    exporters = {EXPORTERS[one.role] for one in hosts if one.role in EXPORTERS}
    missing = []
    for name in ("prometheus", "alertmanager", *(f"{one}-exporter" for one in sorted(exporters))):
        try:
            found[name] = programs.opened(programs.find(name), place_room, user)
        except Problems:
            missing.append(name)
    return found, [programs.without(missing)] if missing else []


def exporter_run(host: Host, values: Values, place: Place) -> Run | None:
    """The exporter that the role runs beside a host's program; None where there is none, or it was not found."""
    kind = EXPORTERS.get(host.role, "")
    program = place.found.get(f"{kind}-exporter")
    if program is None:
        return None
    told = values.with_({"exporters_one": kind, "exporters_folder": str(program.parent)})
    made = configured("exporters", told, "one.yml")
    port, root = int(told["exporters_all"][kind]["port"]), place.root(host.name)
    return Run(
        f"{host.name}.{kind}-exporter", host.name, (str(program), *made.command[1:]), str(root),
        str(root / f"var/log/{kind}-exporter.log"), host.address, port, environment=made.environment, again=RESTART,
    )  # fmt: skip


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
    import urllib.request

    request = urllib.request.Request(f"http://{host.address}:{host.port}/{host.component}", method="PUT")
    urllib.request.urlopen(request, timeout=10).close()


def watched(plan: Plan, hosts: tuple[Host, ...], runs: tuple[Run, ...], place: Place) -> list[Run]:
    """The programs that watch the others, with their files."""
    watch = next(one for one in hosts if one.role == "watch")
    root = place.root(watch.name)
    for folder in ("etc/prometheus", "var/log", "var/lib/prometheus", "var/lib/alertmanager"):
        make_folder(root / folder, place)
    for path, text in watching(plan, hosts, watch, runs, root, "alertmanager" in place.found).items():
        path.write_text(text)
        place.user.own(path)
    return watch_runs(watch, root, place.found)
