"""The units that the role `backup` writes: held against systemd, started as systemd would, and their alerts."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from standfast.plan import Plan
from standfast.watch.conditions import conditions_of
from standfast.watch.prometheus.rules import condition_expr
from tests.code.hosts import TOOLS, Hosts
from tests.programs import need


def programs() -> dict[str, str]:
    """Where the role finds what it starts here."""
    here = TOOLS / "usr" / "bin" / "pgbackrest"
    tool = str(here) if here.exists() else need("pgbackrest", "it with scripts/tools (pgbackrest)")
    return {"STANDFAST_PROGRAM": str(Path(sys.executable).with_name("standfast")), "STANDFAST_PGBACKREST": tool}


@dataclass(frozen=True)
class Units:
    hosts: Hosts
    host: str
    store: str

    @property
    def root(self) -> Path:
        return self.hosts.folder / self.host

    @property
    def folder(self) -> Path:
        return self.root / "etc" / "systemd" / "system"

    @property
    def environment_file(self) -> Path:
        return self.root / "etc" / "standfast" / "backup" / f"{self.store}.env"

    @property
    def figures(self) -> Path:
        (found,) = (self.root / "var" / "lib" / "prometheus" / "node-exporter").glob("standfast-*.prom")
        return found

    def verify_with_systemd(self) -> None:
        """All of them at once, and every time of a timer. That `nobody` is no user for it is this machine's matter."""
        program = need("systemd-analyze", "systemd")
        found = sorted(map(str, self.folder.glob(f"*-backup-{self.store}-*")))
        done = subprocess.run([program, "verify", "--man=no", *found], capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines() if "Special user nobody" not in line]
        assert (done.returncode, said) == (0, [])
        given = [time for one in found for time in re.findall("OnCalendar=(.*)", Path(one).read_text())]
        done = subprocess.run([program, "calendar", *given], capture_output=True, text=True)
        assert done.returncode == 0 and len(given) == len(found) / 2, done.stderr

    def let_in_whoever_runs_this(self) -> None:
        """Under systemd the units run as the user of the database, whom its server knows. Here they run as we are."""
        ident = self.root / "etc" / "postgresql" / "pg_ident.conf"
        ident.write_text(ident.read_text() + f"host {pwd.getpwuid(os.geteuid()).pw_name} postgres\n")
        process = self.root / "var" / "lib" / "postgresql" / "data" / "postmaster.pid"
        os.kill(int(process.read_text().split()[0]), signal.SIGHUP)
        time.sleep(0.5)  # it reads its files again

    def start(self, name: str) -> int | None:
        """As systemd would: the exit code, None where its condition does not hold."""
        (unit,) = self.folder.glob(f"*-backup-{self.store}-{name}.service")
        told = dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(), re.MULTILINE))
        if "ExecCondition" in told and subprocess.run(shlex.split(told["ExecCondition"])).returncode:
            return None
        lines = Path(told["EnvironmentFile"]).read_text().splitlines()
        given = dict(line.partition("=")[::2] for line in lines if not line.startswith("#"))
        environment = {key: shlex.split(value)[0] for key, value in given.items()}
        done = subprocess.run(
            shlex.split(told["ExecStart"]), env={"PATH": "/usr/bin:/bin", **environment}, cwd="/",
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert "Traceback" not in done.stderr and environment["STANDFAST_BACKUP_KEY"] not in done.stdout + done.stderr
        return done.returncode


def alerts(plan: Plan, figures: Path, folder: Path, hours: int) -> set[str]:
    """Which alerts of backups fire by promtool, so many hours after these figures were written and nothing since."""
    written = figures.stat().st_mtime
    series = []
    for line in figures.read_text().splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            number = float(value) - (written if "timestamp" in name else 0.0)  # promtool's time begins at 0
            series.append({"series": name, "values": f"{number:.0f}x{60 * hours}"})
    named = {"backup": "BackupTooOld", "restore-test": "RestoreNotTested"}
    rules = [
        {"alert": named[one.kind], "expr": condition_expr(plan, one), "for": f"{one.hold}s"}
        for one in conditions_of(plan)
        if one.kind in named
    ]
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "backups", "rules": rules}]}))
    found, program = set(), need("promtool", "prometheus")
    for name in named.values():
        nothing = {"eval_time": f"{hours}h", "alertname": name, "exp_alerts": []}
        case = {"interval": "1m", "input_series": series, "alert_rule_test": [nothing]}
        (folder / "test.yml").write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "tests": [case]}))
        done = subprocess.run([program, "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True)
        said = done.stdout + done.stderr
        assert done.returncode == 0 or f"alertname: {name}" in said, said
        found |= {name} if done.returncode else set()
    return found
