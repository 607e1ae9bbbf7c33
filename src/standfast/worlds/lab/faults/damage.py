"""What can be broken in the lab, one function for each; and `heal`, which undoes all of it, also in another run.

What was done is on disk before it is done: lost.json names the hosts that nobody may start again, damage.json the rest.
"""

from __future__ import annotations

import inspect
import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.files import write_atomically
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.programs import find_program
from standfast.worlds import Fault
from standfast.worlds.lab import stores
from standfast.worlds.lab.faults import clock, slow, versions
from standfast.worlds.lab.faults.certificate import expire, restore
from standfast.worlds.lab.processes import kill
from standfast.worlds.lab.system import launch
from standfast.worlds.lab.system.disks import NOTE as DAMAGE
from standfast.worlds.lab.system.hosts import Host

if TYPE_CHECKING:
    from standfast.worlds.lab.system.world import SystemLab


def break_(lab: SystemLab, fault: Fault) -> None:
    """Raises Problems for a fault that the lab does not know, or cannot make."""
    if fault.name not in FAULTS:
        what = f"the lab cannot break {quoted(fault.name)}"
        raise Problems([Problem(what, fix=did_you_mean(fault.name, FAULTS))])
    make = FAULTS[fault.name]
    try:
        inspect.signature(make).bind(lab, **fault.settings)
    except TypeError as error:
        raise Problems([Problem(f"{fault.name} is told the wrong things", str(error))]) from error
    make(lab, **fault.settings)


def damage(lab: SystemLab) -> dict[str, Any]:
    try:
        return json.loads((lab.folder / DAMAGE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def note(lab: SystemLab, **more: Any) -> None:
    write_atomically(lab.folder / DAMAGE, json.dumps({**damage(lab), **more}) + "\n")


def _hosts(lab: SystemLab, kept: Callable[[Host], bool], what: str, known: Iterable[str]) -> list[Host]:
    found = [one for one in lab.hosts if kept(one)]
    if not found:
        raise Problems([Problem(f"the lab has no {what}", fix=did_you_mean(what.rpartition(" ")[2], set(known)))])
    return found


def _host(lab: SystemLab, name: str) -> Host:
    return _hosts(lab, lambda one: one.name == name, f"host {name}", (one.name for one in lab.hosts))[0]


def _members(lab: SystemLab, hosts: Iterable[Host]) -> list[Any]:
    """Every process of these hosts, parents first."""
    names = {one.name for one in hosts}
    records = lab.records.named()
    return launch.families(one for name, one in records.items() if name.partition(".")[0] in names and one.alive)


def kill_instance(lab: SystemLab, host: str) -> None:
    """SIGKILL of the main program of a host, with all it has started. Who starts it again is the keeper's business."""
    process = lab.records.one(_host(lab, host).name)
    if process is not None:
        kill(launch.family(process))


def _lose(lab: SystemLab, hosts: list[Host]) -> None:
    """These hosts are gone at one moment, and what they had on disk with them."""
    lab.lose({*lab.lost(), *(one.name for one in hosts)})
    kill(_members(lab, hosts))
    for one in hosts:
        for path in (lab.room / one.name / "var/lib").glob("*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in (lab.room / one.name / "run").glob("*.pid"):
            path.unlink(missing_ok=True)  # or who starts again may take somebody else for itself


def lose_zone(lab: SystemLab, zone: str) -> None:
    """What the cloud itself keeps over all zones (balancer, edge, objects) is not of one."""
    _lose(lab, _hosts(lab, lambda one: one.zone == zone, f"zone {zone}", (one.zone for one in lab.hosts)))


def lose_region(lab: SystemLab) -> None:
    """Everything but who watches from elsewhere."""
    _lose(lab, [one for one in lab.hosts if one.role != "watch"])


def lose_cache(lab: SystemLab, component: str = "") -> None:
    known = (one.component for one in lab.hosts if one.role == "cache")
    kept = lambda one: one.role == "cache" and component in ("", one.component)  # noqa: E731
    _lose(lab, _hosts(lab, kept, f"cache {component}".strip(), known))


def lose_edge(lab: SystemLab) -> None:
    _lose(lab, _hosts(lab, lambda one: one.role == "edge", "edge", ()))


def partition(lab: SystemLab, zones: Iterable[str]) -> None:
    """Nothing of these zones answers, and nobody is told: connections hang, as behind a line that was cut."""
    zones = set(zones)
    known = [one.zone for one in lab.hosts]
    hosts = _hosts(lab, lambda one: one.zone in zones, f"zone {', '.join(sorted(zones))}", known)
    lab.lose({*lab.lost(), *(one.name for one in hosts)})
    members = _members(lab, hosts)
    note(lab, stopped=[[one.pid, one.began] for one in members])
    for one in members:
        one.signal(signal.SIGSTOP)


def delay(lab: SystemLab, zones: Iterable[str], seconds: float) -> None:
    """Requests from the balancer to services in these zones take that much longer each way."""
    zones = set(zones)
    kept = lambda one: one.zone in zones and one.role == "service"  # noqa: E731
    hosts = _hosts(lab, kept, f"zone {', '.join(sorted(zones))}", (one.zone for one in lab.hosts))
    note(lab, slow=[one.name for one in hosts])
    slow.put_between(lab, hosts, seconds)


def hold_replication(lab: SystemLab, database: str = "") -> None:
    """The log no longer leaves the primary: only with this can commits be lost."""
    for cluster in lab.clusters():
        leader = cluster.leader()
        if database in ("", cluster.name) and leader is not None:
            leader.freeze("walsender")


def bad_deploy(lab: SystemLab, service: str, gate: bool = True) -> None:
    """A new version that never says it is healthy; with the gate, the deploy stops at the first host."""
    kept = lambda one: one.role == "service" and one.component == service  # noqa: E731
    hosts = _hosts(lab, kept, f"service {service}", (one.component for one in lab.hosts if one.role == "service"))
    note(lab, deployed=sorted({*damage(lab).get("deployed", ()), service}))
    versions.deploy(lab, hosts, gate, fails_health=True)


def failing_release(lab: SystemLab, service: str, share: float) -> None:
    """A new version that says it is healthy, passes every gate, and fails this share of its requests."""
    kept = lambda one: one.role == "service" and one.component == service  # noqa: E731
    hosts = _hosts(lab, kept, f"service {service}", (one.component for one in lab.hosts if one.role == "service"))
    note(lab, deployed=sorted({*damage(lab).get("deployed", ()), service}))
    versions.deploy(lab, hosts, gate=True, fails=share)


def expire_certificate(lab: SystemLab, host: str = "") -> None:
    """The certificate of the balancer (or of the host that is named) has run out."""
    name = host or _hosts(lab, lambda one: one.role == "balancer", "balancer", ())[0].name
    _host(lab, name)
    note(lab, expired=name)
    expire(lab.room, name, lab.site().user)
    lab.reload(name)


def fill_disk(lab: SystemLab, host: str) -> None:
    """No byte more can be written by a database: PostgreSQL takes a limit on file sizes for a full disk."""
    if _host(lab, host).role != "database":
        why = "all hosts share one disk, and only PostgreSQL can be told that its own is full"
        raise Problems([Problem(f"the disk of {host} cannot be filled alone", why, "name a host of a database")])
    note(lab, full=host)
    _limit_files(lab, host, "0")


def free_disk(lab: SystemLab, host: str) -> None:
    _limit_files(lab, host, "unlimited")
    note(lab, full="")


def _limit_files(lab: SystemLab, host: str, size: str) -> None:
    """By a process of the servers' own user: not even root may do it to others everywhere."""
    program = str(find_program("prlimit", install="install util-linux"))
    for one in _members(lab, [_host(lab, host)]):
        command = [program, "--pid", str(one.pid), f"--fsize={size}:unlimited"]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, **lab.site().user.arguments)
        if done.returncode and one.alive:
            raise Problems([Problem(f"the disk of {host} could not be filled", done.stderr.strip()[-200:])])


def jump_clock(lab: SystemLab, host: str, seconds: float) -> None:
    """The program of a service sees its clock jump while it runs. Raises Problems where libfaketime is not here."""
    found = _host(lab, host)
    if found.role != "service":
        why = "only a service can be started with a clock of its own"
        raise Problems([Problem(f"the clock of {host} cannot be moved", why, "name a host of a service")])
    library = clock.find()
    note(lab, clock=host)
    clock.begin(lab, found, library)
    clock.move(lab, host, seconds)


def ruin(lab: SystemLab, component: str) -> None:
    """What a cache or an object store holds is deleted, and written over. Only its step brings it back, not `heal`."""
    stores.ruin(lab, component)


FAULTS: dict[str, Callable[..., None]] = {
    one.__name__: one
    for one in (
        kill_instance, lose_zone, lose_region, lose_cache, lose_edge, partition, delay, hold_replication, bad_deploy,
        failing_release, expire_certificate, fill_disk, jump_clock, ruin,
    )
}  # fmt: skip


def heal(lab: SystemLab) -> None:
    """Undo every damage: what is held up goes on, what is lost comes back. Safe at any time."""
    told = damage(lab)
    for one in launch.families(one for one in lab.records.all() if one.alive):
        one.signal(signal.SIGCONT)
    if told.get("slow"):
        slow.take_away(lab)
    if told.get("expired"):
        restore(lab.room, told["expired"])
        lab.reload(told["expired"])
    if told.get("full"):
        free_disk(lab, told["full"])
    if told.get("clock"):
        clock.end(lab, _host(lab, told["clock"]))
    for service in told.get("deployed", ()):
        versions.roll_back(lab, service)
    for path in lab.records.path.glob("*.*.*.json"):  # children that were held up
        path.unlink(missing_ok=True)
    revive(lab)
    (lab.folder / DAMAGE).unlink(missing_ok=True)


def revive(lab: SystemLab) -> None:
    """What is lost comes back, with empty disks."""
    remake_folders(lab)
    lab.lose(())
    lab.start_missing()


def remake_folders(lab: SystemLab) -> None:
    """Empty folders where a lost host had its data, for the user of its program."""
    user = lab.site().user
    for name, folders in lab.state.get("folders", {}).items():
        for folder, mode in folders:
            path = Path(folder)
            if not path.exists() and name in lab.lost():
                path.mkdir(parents=True, exist_ok=True)
                path.chmod(mode)
                user.own(path)
