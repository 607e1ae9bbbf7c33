"""Services' own commands, started; what one did in place of coming up, in words for whoever wrote it."""

from __future__ import annotations

import http.client
import ipaddress
from collections.abc import Callable, Iterable
from pathlib import Path

from standfast.plan import Plan
from standfast.problem import Problem, Problems
from standfast.worlds.lab.addresses import LOOPBACK, listening
from standfast.worlds.lab.services.command import SHOWN, shown, written
from standfast.worlds.lab.system import launch
from standfast.worlds.lab.system.launch import Run
from standfast.worlds.process import Process

LAST = 3  # lines of its output that are shown
HISTOGRAM = "http_server_request_duration_seconds"  # by which the rules know a service
CLOCK, TIME = "clock", "node_time_seconds"  # the exporter of a machine tells of one clock for all hosts here


def start_commands(plan: Plan | None, runs: list[Run], begin: Callable[[Run], Process]) -> None:
    """Start these and wait until they answer: one instance of each service first, since what is wrong with it is wrong
    with all. `plan`: whose words problems are told in. Raises Problems."""
    first = list({run.name.rpartition("-")[0]: run for run in reversed(runs)}.values())
    for group in (first, [run for run in runs if run not in first]):
        started = []
        for run in group:
            size = Path(run.log).stat().st_size if Path(run.log).exists() else 0
            try:
                started.append((run, begin(run), size))
            except Problems as problems:
                raise explained(plan, run, None, problems, size) from problems
        for run, process, size in started:
            try:
                launch.wait_ready(run, process, size)
            except Problems as problems:
                raise explained(plan, run, process, problems, size) from problems


def explained(plan: Plan | None, run: Run, process: Process | None, problems: Problems, begin: int = 0) -> Problems:
    """What a command did in place of coming up, in words for whoever wrote it."""
    if plan is None:
        return problems
    service = next(one for one in plan.system.services if one.name == run.name.rpartition("-")[0])
    what = f"{service.name} does not come up by its own command: {shown(service.argv)}"
    state, fix = problems.problems[0].what, ""
    alive = process is not None and process.alive
    outside = _outside(process) if process is not None else []
    status = _status(run) if alive else 0
    if process is None:
        state = problems.problems[0].why
    elif outside:
        state = f"it listens on every address of this machine ({', '.join(outside)})"
        fix = f"let it listen on what HOST says, here {run.address}, and on every address where HOST is not set"
    elif status:
        state, fix = f"it answers {status} at {run.ready}, not 200", "write health: and a path that answers 200"
    elif alive:
        state = f"it runs, and does not answer on {run.address}:{run.port}"
    last = _last(run, begin)
    said = f"; the last it said: {' / '.join(last)}" if last else "; it said nothing"
    fix = fix or f"mend it; it runs in {run.folder} and must listen on HOST and PORT ({run.address}:{run.port})"
    fix += ". Without it: standfast lab up SPEC --built-in"
    return Problems([Problem(what, state + said, fix, written(service))])


def _outside(process: Process) -> list[str]:
    found = {at for one in launch.family(process) for at in listening(one.pid, 0) or ()}
    return sorted(at for at in found if ipaddress.ip_address(at) not in LOOPBACK)


def _status(run: Run) -> int:
    try:
        return launch.get(run.address, run.port, run.ready, timeout=2.0)[0]
    except (OSError, http.client.HTTPException):
        return 0


def _last(run: Run, begin: int) -> list[str]:
    try:
        with Path(run.log).open("rb") as log:
            log.seek(begin)
            text = log.read()[-launch.TAIL :].decode(errors="replace")
    except OSError:
        return []
    lines = ["".join(one if one.isprintable() else " " for one in line).strip() for line in text.splitlines()]
    return [line[-SHOWN:] for line in lines if line][-LAST:]


def blind(runs: Iterable[Run]) -> tuple[str, ...]:
    """The services whose own command does not tell Prometheus of its requests; `web.clock`: not of its clock."""
    found = set()
    for run in (one for one in runs if one.own):
        name, told = run.name.rpartition("-")[0], _metrics(run)
        found |= {name} if HISTOGRAM not in told else set()
        found |= {f"{name}.{CLOCK}"} if TIME not in told else set()
    return tuple(sorted(found))


def _metrics(run: Run) -> str:
    try:
        status, body = launch.get(run.address, run.port, "/metrics", timeout=2.0)
    except (OSError, http.client.HTTPException):
        return ""
    return body.decode(errors="replace") if status == 200 else ""


def unmeasured(plan: Plan, names: Iterable[str]) -> list[Problem]:
    services = {one.name: one for one in plan.system.services}
    why = "without it nobody is told of its errors, its slowness and its lost instances, in production neither"
    fix = "let it serve /metrics with the histogram that watch/prometheus/README.md names"
    return [
        Problem(f"Prometheus does not see {name}: its command serves no such histogram", why, fix,
                written(services[name]), warning=True)
        for name in names
        if name in services
    ]  # fmt: skip
