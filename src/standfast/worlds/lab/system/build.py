"""The start of the whole system, program by program; and what is kept where it fails."""

from __future__ import annotations

import hashlib
import json
import signal
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from standfast.plan import Plan
from standfast.problem import Problem, Problems
from standfast.spec.model import System
from standfast.worlds.lab.keeper.start import start_keeper
from standfast.worlds.lab.services import start
from standfast.worlds.lab.services.builtin import make_bucket
from standfast.worlds.lab.system import launch, sight
from standfast.worlds.lab.system.assemble import assembled, found_programs, in_order, left_out, watched
from standfast.worlds.lab.system.hosts import Host
from standfast.worlds.lab.system.launch import Run
from standfast.worlds.lab.system.room import FIX, Place, make_room
from standfast.worlds.lab.system.watching import ALERTMANAGER, unrouted
from standfast.worlds.process import Process

if TYPE_CHECKING:
    from standfast.worlds.lab.system.world import SystemLab

FORMAT = 2  # of the lab's record: one of another version of Standfast is not read
FIRST = 10.0  # seconds that a first good answer is waited for
DATABASE = "app"  # as the role is told (code/ansible/variables.py)
PLACES = ("place", "places")
FAILED, MOST = "failed", 256 * 1024  # the folder with the logs of a start that failed, and bytes of each


def build(lab: SystemLab, plan: Plan, hosts: tuple[Host, ...], absent: tuple[Problem, ...]) -> None:
    """Start every program of these hosts, in the order they need one another. Raises Problems, OSError."""
    databases = any(one.role == "database" for one in hosts)
    room, user, postgres, unfound = make_room(lab.folder, lab.option, databases)
    found, missing, lacks = found_programs(hosts, room, user)
    lacks |= {"database": unfound} if unfound else {}
    if lacks and lab.drilled:  # it would be another system that is drilled
        raise Problems([one for problems in lacks.values() for one in problems])
    missing = [*missing, *left_out(hosts, lacks)]
    hosts = tuple(one for one in hosts if one.role not in lacks)
    told = [user.uid, user.gid] if user.uid is not None else []
    lab.state = {"format": FORMAT, "system": plan.system.name, "spec": fingerprint(plan.system)}
    lab.state |= {"room": str(room), "drilled": lab.drilled, "user": told}
    lab.state |= {"hosts": [asdict(one) for one in hosts], "runs": [], "databases": []}
    lab.state |= {"postgres": {"bin": str(postgres.bin), "version": postgres.version}, "began": time.time()}
    lab.save()
    place = Place(room, user, postgres, found, calm=not lab.drilled)
    sheds = lab.remedies["shedding"] and lab.drilled  # a load is to find out what can be served at all
    made = assembled(plan, hosts, place, lab.folder, lab.home, sheds)
    lab.state["missing"] = [asdict(one) for one in (*absent, *missing, *made.refused)]
    commanded = [one.as_json() for one in made.runs if one.own]
    lab.state |= {"commands": commanded, "stand_ins": [one.as_json() for one in made.stand_ins]}
    lab.state |= {"folders": made.folders, "databases": made.databases, "remedies": lab.remedies}
    for one in lab.state["databases"]:
        one["synchronous"] = one["synchronous"] and lab.remedies["synchronous"]
    lab.state["runs"] = [one.as_json() for one in made.runs]
    lab.save()
    roles = {one.name: one.role for one in hosts}
    first, own, last, ships = in_order(made.runs, roles)
    lab.say(f"{counted(first)} in the zones")
    started = [(run, launch.start(run, room, user, lab.records)) for run in first]
    for run, process in started:
        launch.check_alive(run, process)  # before the databases are made: that takes a second
    for cluster in lab.clusters():
        lab.say(f"{cluster.name}: {' and '.join(node.name for node in cluster.nodes)}")
        cluster.make(lab.logins(cluster.name), DATABASE)
    for run, process in started:
        launch.wait_ready(run, process)
    for one in hosts:
        if one.role == "objects":
            make_bucket(one)
    lab.start_commands(own)
    if blind := start.blind(own):
        lab.state |= {"blind": blind}
        lab.state["missing"] += [asdict(one) for one in start.unmeasured(plan, blind)]
        watched(plan, hosts, made.runs, place, blind)
    # Last: a balancer that finds nobody there at first takes seconds until it looks again.
    lab.say(f"{counted(last)} at the edge and to watch")
    started = [(run, launch.start(run, room, user, lab.records)) for run in last]
    for run, process in started:
        try:
            launch.wait_ready(run, process)
        except Problems as problems:
            if roles[run.host] in ("balancer", "edge") and run.name == run.host:
                raise
            _without(lab, run, process, problems)
    shipping = [(run, launch.start(run, room, user, lab.records)) for run in ships]
    lab.save()  # the keeper reads it: what is left out now is nothing that it would start again
    start_keeper(lab)
    lab.say("the first answers")
    deadline = time.monotonic() + FIRST  # the first answers take longer: tables are made, connections opened
    while time.monotonic() < deadline and any(sight.entry(lab, one)["status"] != 200 for one in lab.entries):
        time.sleep(0.1)
    for run, process in shipping:  # one that cannot read its file has ended by now
        try:
            launch.check_alive(run, process)
        except Problems as problems:
            _without(lab, run, process, problems)
    launch.check_listeners(lab.records.all())  # once more, now that all of them do what they do
    lab.state["complete"] = True
    lab.save()


def _without(lab: SystemLab, run: Run, process: Process, problems: Problems) -> None:
    """Go on without a program that only looks at the others."""
    launch.end_families([process])
    lab.state["runs"] = [one for one in lab.state["runs"] if one["name"] != run.name]
    left_out = [replace(one, fix=one.fix or "the lab stands without it") for one in problems.problems]
    lab.state["missing"] += [asdict(one) for one in left_out]
    prometheus = lab.records.one(run.host)
    if run.port == ALERTMANAGER and prometheus is not None:
        unrouted(lab.room / run.host)
        prometheus.signal(signal.SIGHUP)


def counted(runs: Sequence[Run]) -> str:
    return f"{len(runs)} program{'s' if len(runs) != 1 else ''}"


def fingerprint(system: System) -> str:
    """Of what the spec says, wherever in the file it says it: a comment more makes no other one."""
    told = asdict(system, dict_factory=lambda pairs: {name: value for name, value in pairs if name not in PLACES})
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def last_words(lab: SystemLab) -> dict[str, bytes]:
    """The end of every log of a lab that is about to be taken down."""
    found = {}
    for host, path in lab.logs() if lab.state else ():
        try:
            found[f"{host}-{path.name}"] = path.read_bytes()[-MOST:]
        except OSError:
            continue
    return {name: text for name, text in found.items() if text}


def failed(error: Problems | OSError, said: dict[str, bytes], folder: Path) -> Problems:
    """What went wrong, with the place of the logs: `folder`, below which they are written now."""
    problems = list(error.problems) if isinstance(error, Problems) else []
    if isinstance(error, OSError):
        what = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
        problems = [Problem("the lab could not be written", what, FIX)]
    try:
        for name, text in said.items():
            (folder / FAILED).mkdir(parents=True, exist_ok=True)
            (folder / FAILED / name).write_bytes(text)
    except OSError:
        return Problems(problems)
    if said and problems:
        fix = f"{problems[-1].fix}; " if problems[-1].fix else ""
        problems[-1] = replace(problems[-1], fix=f"{fix}what all programs said is in {folder / FAILED}")
    return Problems(problems)
