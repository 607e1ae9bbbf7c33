"""From a plan to what runs: the files of every host, and its programs in the order they start."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfast.code.ansible import inventory, variables
from standfast.code.ansible.groups import groups_of
from standfast.code.ansible.shedding import CORES
from standfast.plan import Plan
from standfast.problem import Problem, Problems
from standfast.worlds.lab.binaries import User
from standfast.worlds.lab.load.prediction import own_cores
from standfast.worlds.lab.roles.certificates import make_certificates
from standfast.worlds.lab.roles.tasks import Configured, configured
from standfast.worlds.lab.roles.values import Templates, Values, hosts_of
from standfast.worlds.lab.services.builtin import make_folder, objects_run
from standfast.worlds.lab.services.command import DATA, service_runs
from standfast.worlds.lab.system import programs
from standfast.worlds.lab.system.hosts import Host
from standfast.worlds.lab.system.launch import RESTART, Run
from standfast.worlds.lab.system.room import Place, password
from standfast.worlds.lab.system.watching import watch_runs, watching
from standfast.worlds.lab.telemetry.runs import shipper_run, telemetry_run

ROLE = {"database": "postgres", "cache": "redis", "balancer": "haproxy", "edge": "nginx"}
NEEDED = {"balancer": "haproxy", "edge": "nginx", "cache": "valkey"}
LESS = {  # what a lab can do without, and what is then done
    "edge": "users come in at the balancer",
    "cache": "services do not call it",
    "database": "services do not call it",
}
EXPORTERS = {"database": "postgres", "cache": "redis", "balancer": "node"}  # by role of the host they run on


@dataclass(frozen=True)
class Assembled:
    """What runs, in no order; which folders each host has, for the day they are lost; and the databases.

    `stand_ins`: the built-in service for those that have a command of their own; `refused`: why one cannot run by it.
    """

    runs: tuple[Run, ...]
    folders: dict[str, list[list[Any]]]
    databases: list[dict[str, Any]]
    stand_ins: tuple[Run, ...] = ()
    refused: tuple[Problem, ...] = ()


def assembled(
    plan: Plan, hosts: tuple[Host, ...], place: Place, folder: Path, home: Path | None = None, sheds: bool = True
) -> Assembled:
    """Write every host's folder; `folder`: the lab's own, `home`: the spec's, where its commands run, if they are to;
    without `sheds` the balancer lets in who comes.

    Raises Problems.
    """
    values = values_of(plan, hosts, place)
    for one in hosts:
        if one.role == "balancer" and not sheds:
            values[one.name].raw["haproxy_limits"] = {}  # ty: ignore
    password(place.room, "lab")
    made = {one.name: write_host(one, values[one.name], place) for one in hosts if one.role in ROLE}
    if made:
        shutil.copy(place.room / "authority/authority.pem", place.room / "authority.pem")
        (place.room / "authority.pem").chmod(0o644)
    runs = [run_of(one, made[one.name], place) for one in hosts if one.role in ("cache", "balancer", "edge")]
    services = service_runs(plan, values, hosts, place, home)
    runs += services.runs
    runs += [objects_run(one, place) for one in hosts if one.role == "objects"]
    runs += [one for host in hosts if host.role in ROLE for one in exporter_runs(host, values[host.name], place)]
    watch = next(one for one in hosts if one.role == "watch")
    runs.append(telemetry_run(plan, watch, hosts, folder, place))
    runs += watched(plan, hosts, tuple(runs), place)
    if "rsyslogd" in place.found:
        runs += [shipper_run(one, values[one.name], watch, place) for one in hosts if one.name in values]
    members: dict[str, list[str]] = {}
    for one in hosts:
        if one.role == "database":
            members.setdefault(one.component, []).append(one.name)
    databases = [
        {"name": name, "hosts": names, "synchronous": bool(values[names[0]]["postgres_synchronous"])}
        for name, names in members.items()
    ]
    folders = {name: [[str(path), mode] for path, mode in one.folders] for name, one in made.items()}
    stateful = {one.name for one in plan.system.services if one.stateful}
    kept = {one.host for one in services.runs if one.own} & {one.name for one in hosts if one.component in stateful}
    folders |= {name: [[str(place.root(name) / DATA), 0o755]] for name in kept}
    return Assembled(tuple(runs), folders, databases, services.stand_ins, services.refused)


def in_order(runs: tuple[Run, ...], roles: Mapping[str, str]) -> tuple[list[Run], list[Run], list[Run], list[Run]]:
    """What starts first; services' own commands, once the stores are there; what looks at others and passes on to them;
    and what ships lines, once somebody takes them. `roles`: by host."""
    ships = [run for run in runs if not run.port]
    last = [
        run
        for run in runs
        if run.port and (roles[run.host] in ("balancer", "edge", "watch") or "-exporter" in run.name)
    ]
    return (
        [run for run in runs if run not in (*ships, *last) and not run.own],
        [one for one in runs if one.own],
        last,
        ships,
    )


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
        CORES: str(own_cores()),
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


def found_programs(
    hosts: tuple[Host, ...], place_room: Path, user: User
) -> tuple[dict[str, Path], list[Problem], dict[str, list[Problem]]]:
    """The programs of these hosts where the user can run them; what is missing that only watches; and by their role the
    hosts that cannot be there. Raises Problems where nothing can be without."""
    wanted = {NEEDED[one.role] for one in hosts if one.role in NEEDED} | {"openssl"}
    found, wrong, lacks = {}, [], {}
    for name in sorted(wanted):
        try:
            found[name] = programs.opened(programs.find(name), place_room, user)
        except Problems as problems:
            role = next((role for role in LESS if NEEDED.get(role) == name), "")
            if role:
                lacks[role] = problems.problems
            else:
                wrong += problems.problems
    if wrong:
        raise Problems(wrong)
    exporters = {EXPORTERS[one.role] for one in hosts if one.role in EXPORTERS}
    missing = []
    optional = ("prometheus", "alertmanager", "rsyslogd", "blackbox-exporter")
    for name in (*optional, *(f"{one}-exporter" for one in sorted(exporters))):
        try:
            found[name] = programs.opened(programs.find(name), place_room, user)
        except Problems:
            missing.append(name)
    return found, [programs.without(missing)] if missing else [], lacks


def left_out(hosts: tuple[Host, ...], lacks: Mapping[str, Iterable[Problem]]) -> list[Problem]:
    """What a lab stands without, since the program of these roles is not on this machine."""
    told = []
    for role, problems in lacks.items():
        names = sorted({one.component for one in hosts if one.role == role})
        for one in problems:
            why = f"{one.what}; {LESS[role]}"
            told.append(Problem(f"not in the lab: {', '.join(names)}", why, one.fix, warning=True))
    return told


def exporter_runs(host: Host, values: Values, place: Place) -> list[Run]:
    """The exporter that the role runs beside a host's program, where it was found."""
    kind = EXPORTERS.get(host.role, "")
    program = place.found.get(f"{kind}-exporter")
    if program is None:
        return []
    told = values.with_({"exporters_one": kind, "exporters_folder": str(program.parent)})
    made = configured("exporters", told, "one.yml")
    port, root = int(told["exporters_all"][kind]["port"]), place.root(host.name)
    run = Run(
        f"{host.name}.{kind}-exporter", host.name, (str(program), *made.command[1:]), str(root),
        str(root / f"var/log/{kind}-exporter.log"), host.address, port, environment=made.environment, again=RESTART,
    )  # fmt: skip
    return [run]


def watched(
    plan: Plan, hosts: tuple[Host, ...], runs: tuple[Run, ...], place: Place, blind: Iterable[str] = ()
) -> list[Run]:
    """The programs that watch the others, with their files. `blind`: services that tell nothing of their requests."""
    watch = next(one for one in hosts if one.role == "watch")
    root = place.root(watch.name)
    for folder in ("etc/prometheus", "var/log", "var/lib/prometheus", "var/lib/alertmanager"):
        make_folder(root / folder, place)
    for path, text in watching(plan, hosts, watch, runs, place, blind).items():
        path.write_text(text)
        place.user.own(path)
    return watch_runs(watch, root, place.found)
