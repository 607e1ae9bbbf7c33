"""A cache of the lab: asked by the command line that comes with the server; its copy is an RDB file, as the clouds'."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from standfast.problem import Problem, Problems
from standfast.worlds.database import NotRecovered
from standfast.worlds.lab.processes import kill
from standfast.worlds.lab.system import launch, programs
from standfast.worlds.lab.system.hosts import Host
from standfast.worlds.lab.system.room import password

if TYPE_CHECKING:
    from standfast.worlds.lab.system.world import SystemLab

KEYS = 200  # known keys, and one hash
OFFSITE = "offsite"  # below the room, as the copies of databases
SLOW = 20.0  # seconds after which a command is given up
FILL = """
for n = 1, tonumber(ARGV[1]) do redis.call('SET', 'drill:' .. n, redis.sha1hex(n)) end
redis.call('HSET', 'drill:hash', 'one', 'first', 'two', 'second')
"""
DIGESTS = """
local told = {}
for _, key in ipairs(redis.call('KEYS', 'drill:*')) do
  told[#told + 1] = key .. ' ' .. redis.sha1hex(redis.call('DUMP', key))
end
return told
"""
RUIN = """
for n = 1, tonumber(ARGV[1]) do
  if n % 2 == 0 then redis.call('DEL', 'drill:' .. n) else redis.call('SET', 'drill:' .. n, 'wrong') end
end
redis.call('SET', 'drill:new', 'wrong')
"""


def fill(lab: SystemLab, component: str, kept: bool) -> None:
    """Known keys; `kept`: and a copy of all that it holds, in a place that no loss of hosts takes along."""
    _ask(lab, component, "EVAL", FILL, "0", str(KEYS))
    if not kept:
        return
    _copy(lab, component).parent.mkdir(mode=0o700, exist_ok=True)
    _ask(lab, component, "--rdb", str(_copy(lab, component)))


def contents(lab: SystemLab, component: str) -> Mapping[str, str]:
    told = _ask(lab, component, "EVAL", DIGESTS, "0")
    return dict(sorted(line.split(" ", 1) for line in told.splitlines() if line))


def ruin(lab: SystemLab, component: str) -> None:
    _ask(lab, component, "EVAL", RUIN, "0", str(KEYS))


def empty(lab: SystemLab, component: str) -> None:
    _ask(lab, component, "FLUSHALL")


def restore(lab: SystemLab, component: str) -> None:
    """New nodes, the first from the newest copy; the others follow it. Raises NotRecovered without a copy."""
    copy, hosts = _copy(lab, component), _hosts(lab, component)
    if not copy.is_file():
        raise NotRecovered(f"there is no copy of {component}", f"{copy.name} is not in {copy.parent.name}")
    names = {one.name for one in hosts}
    lab.lose({*lab.lost(), *names})  # or the keeper starts it again, empty
    records, user = lab.records.named(), lab.site().user
    kill(launch.families(records[name] for name in names if name in records and records[name].alive))
    for one in hosts:
        data = lab.room / one.name / "var/lib/redis"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700, parents=True)
        if one == hosts[0]:
            shutil.copyfile(copy, data / "dump.rdb")
            user.own(data / "dump.rdb")
        user.own(data)
    lab.lose(set(lab.lost()) - names)
    lab.start_missing()


def _copy(lab: SystemLab, component: str) -> Path:
    return lab.room / OFFSITE / f"{component}.rdb"


def _hosts(lab: SystemLab, component: str) -> list[Host]:
    """The primary first."""
    return [one for one in lab.hosts if one.component == component]


def _ask(lab: SystemLab, component: str, *words: str) -> str:
    """Raises Problems, also for what the server itself says is wrong."""
    one, server = _hosts(lab, component)[0], programs.find("valkey")
    program = server.with_name(server.name.replace("-server", "-cli"))
    environment = {"PATH": os.environ.get("PATH", ""), "REDISCLI_AUTH": password(lab.room, component)}
    command = [str(program), "-h", one.address, "-p", str(one.port), "-e", *words]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SLOW)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Problems([Problem(f"{component} could not be asked", str(error)[:200])]) from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Problems([Problem(f"{component} does not answer", (said or ["it said nothing"])[-1][:200])])
    return done.stdout
