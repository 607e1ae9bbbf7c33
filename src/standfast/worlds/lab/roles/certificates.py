"""Certificates of the lab: an authority of its own, one certificate for each host, as the role does."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from standfast.code.ansible import PROJECT
from standfast.problem import Problem, Problems
from standfast.worlds.lab.roles.values import Values, read_yaml

MADE = PROJECT / "roles" / "certificates" / "tasks" / "made.yml"
COMMAND = "ansible.builtin.command"


def make_certificates(host: Values, days: int | None = None) -> Path:
    """What the role's own commands make of a host: host.crt, host.key and authority.pem. Returns their folder.

    `days`: how long the host's certificate holds in place of what the role says; negative: it has expired already.
    """
    authority, folder = Path(host["certificates_authority"]), Path(host["certificates_folder"])
    authority.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if days is not None:
        (folder / "host.crt").unlink(missing_ok=True)
    for task in read_yaml(MADE.read_text(encoding="utf-8")):
        if COMMAND in task:
            told = host.filled(task[COMMAND])
            if not Path(told["creates"]).exists():
                argv = list(map(str, told["argv"]))
                if days is not None and "-CA" in argv:
                    argv = _lasting(argv, days)
                _run(argv)
    (folder / "authority.pem").write_bytes((authority / "authority.pem").read_bytes())
    return folder


def _lasting(argv: list[str], days: int) -> list[str]:
    at = argv.index("-days")
    return [*argv[: at + 1], str(days), *argv[at + 2 :]]


def _run(argv: Sequence[str]) -> None:
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, umask=0o077)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Problems([Problem("no certificate could be made for the lab", why, "install OpenSSL 3 or newer")])
