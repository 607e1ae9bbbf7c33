"""The texts that a server's first start is made of, the same on every cloud: the service's container under systemd.

Text of the user never reaches a shell: it stands in a unit file, quoted as systemd wants it, inside a here document
that the shell does not expand. Secrets are read when the container starts, into memory, never onto disk.
Braces that are not fields are doubled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from standfast.blueprint.model import Join

DISK, DATA_DIR = "/var/lib/app", "/data"  # the lasting disk, on the server and in the container
DATABASE = "app"  # the name of every database: one store is one server, so it need not tell them apart

HEAD = """\
#!/bin/bash
# Runs {service} of {system} in a container, under systemd: journalctl -u app
set -euo pipefail
{install}
"""

_UNIT = """\
cat > /etc/systemd/system/app.service <<'UNIT'
[Unit]
Description={service} of {system}
Requires=docker.service
After=docker.service network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
"""

# The file is read again before each command, so the one that ExecStartPre writes is there for ExecStart.
_UNIT_SECRETS = """\
EnvironmentFile=-/run/app/secrets
RuntimeDirectory=app
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
ExecStartPre=/usr/bin/python3 /etc/app-secrets.py
"""

# On the host's network: one hop to the cloud's metadata, from which the container has the identity of its service.
_UNIT_RUN = """\
ExecStartPre=-/usr/bin/docker rm --force app
ExecStartPre=-/usr/bin/docker pull --quiet {image}
ExecStart=/usr/bin/docker run --rm --name app --network host --security-opt no-new-privileges \\
  {options} \\
  {image}{arguments}
ExecStop=/usr/bin/docker stop --time 30 app
Restart=always
RestartSec=5
TimeoutStartSec=600

[Install]
WantedBy=multi-user.target
UNIT
"""

_START = "systemctl enable --now docker.service app.service\n"

# A password may be changed: look each minute, and restart the container when it was.
_START_WITH_SECRETS = """\
cat > /etc/systemd/system/app-secrets.service <<'UNIT'
[Unit]
Description=Restart app when a secret has changed

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /etc/app-secrets.py --restart
UNIT
cat > /etc/systemd/system/app-secrets.timer <<'UNIT'
[Timer]
OnActiveSec=5min
OnUnitActiveSec=1min
RandomizedDelaySec=20s

[Install]
WantedBy=timers.target
UNIT
systemctl enable --now docker.service app.service app-secrets.timer
"""

# In /etc, which can be written on every system; it is run by name, since it need not be executable there.
_SECRETS = '''\
cat > /etc/app-secrets.py <<'SCRIPT'
"""Writes the secrets of this service into memory, as systemd reads them; --restart: restarts it if they changed."""
import json, os, subprocess, sys, urllib.parse, urllib.request

FILE = "/run/app/secrets"
SECRETS = [
'''
_SECRETS_REST = """\
]


{read}

def lines(name, kind, value, place):
    if kind == "value":
        return {{name: value}}
    if kind == "redis":
        return {{name + "_PASSWORD": value, name + "_URL": f"rediss://:{{value}}@{{place}}"}}
    login = json.loads(value)
    user, password = login["username"], login["password"]
    scheme, query = ("postgresql", "?sslmode=require") if kind == "postgres" else ("mysql", "")
    url = f"{{scheme}}://{{user}}:{{urllib.parse.quote(password, safe='')}}@{{place}}{{query}}"
    return {{name + "_USER": user, name + "_PASSWORD": password, name + "_URL": url}}


def quoted(value):
    for one in "\\\\", '"', "$", "`":
        value = value.replace(one, "\\\\" + one)
    return f'"{{value}}"'


found = {{}}
for name, kind, where, place in SECRETS:
    found.update(lines(name, kind, read(where), place))
for name in {given}:  # what the spec says goes first
    found.pop(name, None)
text = "".join(f"{{name}}={{quoted(value)}}\\n" for name, value in found.items())
before = open(FILE).read() if os.path.exists(FILE) else ""
if text != before:
    os.umask(0o077)
    with open(FILE + ".new", "w") as out:
        out.write(text)
    os.replace(FILE + ".new", FILE)
    if "--restart" in sys.argv:
        subprocess.run(["systemctl", "try-restart", "app.service"], check=True)
SCRIPT
"""


@dataclass(frozen=True)
class Secret:
    """One secret a container gets: `kind` `value`, or the kind of store that it opens at `place` (host:port/name).

    `where`: what the cloud finds it by; `url`: under which key the secret itself holds the whole address, where it
    does, for a platform on which nobody can put it together.
    """

    name: str  # of the environment variable, or what the names of several begin with
    kind: str
    where: Any
    place: tuple[Any, ...] = ()
    url: str = "url"

    @property
    def variables(self) -> tuple[str, ...]:
        if self.kind == "value":
            return (self.name,)
        login = ("PASSWORD", "URL") if self.kind == "redis" else ("USER", "PASSWORD", "URL")
        return tuple(f"{self.name}_{one}" for one in login)


def read_secrets(read: str, secrets: Iterable[Secret], given: Iterable[str]) -> Iterator[Any]:
    """The program that reads the secrets. `read`: a Python function `read(where)`, as text; `given`: variables that
    the spec sets itself."""
    yield _SECRETS
    for secret in secrets:
        yield f'    ("{secret.name}", "{secret.kind}", "'
        yield secret.where
        yield '", "'
        yield from secret.place
        yield '"),\n'
    yield _SECRETS_REST.format(read=read, given=json.dumps(sorted(given)))


def unit(
    service: str,
    system: str,
    image: str,
    environment: Mapping[str, Any],
    hidden: Iterable[Secret],
    *,
    entrypoint: tuple[str, ...] = (),
    command: tuple[str, ...] = (),
    login: str = "",
    options: Iterable[str] = (),
    volume: bool = False,
) -> Iterator[Any]:
    """The unit that runs the container, and its start. `login`: a line of the unit, before the image is pulled;
    `options`: of docker run, one a line; `entrypoint`, `command`: in place of the image's, word for word."""
    yield _UNIT.format(service=service, system=system)
    for name, value in environment.items():
        yield f'Environment="{name}='
        yield from (quoted(part) for part in (value.parts if isinstance(value, Join) else (value,)))
        yield '"\n'
    variables = [variable for secret in hidden for variable in secret.variables]
    if variables:
        yield _UNIT_SECRETS
    yield login
    given = [f"--env {name}" for name in dict.fromkeys([*environment, *variables])]
    lines = [*options, *given, *([f"--volume {DISK}:{DATA_DIR}"] if volume else [])]
    lines += [argument(f"--entrypoint={entrypoint[0]}")] if entrypoint else []
    told = "".join(f" {argument(one)}" for one in (*entrypoint[1:], *command))
    yield _UNIT_RUN.format(image=image, options=" \\\n  ".join(lines), arguments=told)
    yield _START_WITH_SECRETS if variables else _START


def quoted(part: Any) -> Any:
    """Literal text as systemd reads it inside double quotes (systemd.syntax(7)); references pass through."""
    if not isinstance(part, str):
        return part
    return "".join(_escaped(one) for one in part)


def argument(text: str) -> str:
    """One word of a command as systemd hands it on (systemd.service(5), "Command lines")."""
    return f'"{quoted(text)}"'.replace("$", "$$")  # otherwise a variable


def _escaped(one: str) -> str:
    if one in '\\"':
        return f"\\{one}"
    if one == "%":
        return "%%"  # otherwise a specifier: %n is the name of the unit
    if one.isprintable():
        return one
    return "".join(f"\\x{byte:02x}" for byte in one.encode())
