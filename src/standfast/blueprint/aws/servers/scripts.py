"""The texts that a server's first start is made of. Braces that are not fields are doubled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from standfast.blueprint.model import Ref

DISK, DATA_DIR = "/var/lib/app", "/data"  # the lasting disk, on the server and in the container

HEAD = """\
#!/bin/bash
# Runs {service} of {system} in a container, under systemd: journalctl -u app
set -euo pipefail
dnf install --assumeyes --quiet docker
"""

UNIT_HEAD = """\
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
UNIT_SECRETS = """\
EnvironmentFile=-/run/app/secrets
RuntimeDirectory=app
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
ExecStartPre=/usr/local/bin/app-secrets
"""

UNIT_LOGIN = (
    "ExecStartPre=/bin/sh -c '/usr/bin/aws ecr get-login-password --region {region}"
    " | /usr/bin/docker login --username AWS --password-stdin {registry}'\n"
)

# On the host's network: one hop to the instance metadata, from which the container has the role of its service.
UNIT_RUN = """\
ExecStartPre=-/usr/bin/docker rm --force app
ExecStartPre=-/usr/bin/docker pull --quiet {image}
ExecStart=/usr/bin/docker run --rm --name app --network host --security-opt no-new-privileges \\
  --log-driver awslogs --log-opt awslogs-region={region} \\
  --log-opt awslogs-group={log} --log-opt awslogs-stream=%H \\
  {options} \\
  {image}
ExecStop=/usr/bin/docker stop --time 30 app
Restart=always
RestartSec=5
TimeoutStartSec=600

[Install]
WantedBy=multi-user.target
UNIT
"""

START = "systemctl enable --now docker.service app.service\n"

# A database's password is changed every week: look each minute, and restart the container when it was.
START_WITH_SECRETS = """\
cat > /etc/systemd/system/app-secrets.service <<'UNIT'
[Unit]
Description=Restart app when a secret has changed

[Service]
Type=oneshot
ExecStart=/usr/local/bin/app-secrets --restart
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

_SECRETS = '''\
cat > /usr/local/bin/app-secrets <<'SCRIPT'
#!/usr/bin/python3
"""Writes the secrets of this service into memory, as systemd reads them; --restart: restarts it if they changed."""
import json, os, subprocess, sys, urllib.parse

FILE = "/run/app/secrets"
SECRETS = [
'''
_SECRETS_REST = """\
]


def read(arn):
    command = ["aws", "secretsmanager", "get-secret-value", "--region", "{region}", "--secret-id", arn]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(told)["SecretString"]


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
for name, kind, arn, place in SECRETS:
    found.update(lines(name, kind, read(arn), place))
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
chmod 0755 /usr/local/bin/app-secrets
"""

_DISK = """\
# The lasting disk: wait until the server before has let go of it.
imds=http://169.254.169.254/latest
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$imds/api/token")
server=$(curl -sf -H "X-aws-ec2-metadata-token: $token" "$imds/meta-data/instance-id")
"""
_DISK_REST = """\
"
until aws ec2 attach-volume --region {region} --volume-id "$volume" --instance-id "$server" --device /dev/sdf; do
  sleep 5
done
disk="/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$(echo "$volume" | tr -d -)"
until [ -e "$disk" ]; do sleep 1; done
blkid "$disk" || mkfs.xfs "$disk"
mkdir -p {folder}
echo "$disk {folder} xfs defaults,nofail,x-systemd.before=app.service 0 2" >> /etc/fstab
mount {folder}
"""


@dataclass(frozen=True)
class Secret:
    """One secret a container gets: `kind` `value`, or the kind of store that it opens at `place` (host:port/name)."""

    name: str  # of the environment variable, or what the names of several begin with
    kind: str
    arn: Ref
    place: tuple[Any, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        if self.kind == "value":
            return (self.name,)
        login = ("PASSWORD", "URL") if self.kind == "redis" else ("USER", "PASSWORD", "URL")
        return tuple(f"{self.name}_{one}" for one in login)


def read_secrets(region: str, secrets: Iterable[Secret], given: Iterable[str]) -> Iterator[Any]:
    """The program that reads the secrets; `given`: variables that the spec sets itself."""
    yield _SECRETS
    for secret in secrets:
        yield f'    ("{secret.name}", "{secret.kind}", "'
        yield secret.arn
        yield '", "'
        yield from secret.place
        yield '"),\n'
    yield _SECRETS_REST.format(region=region, given=json.dumps(sorted(given)))


def lasting_disk(region: str, volume: Ref) -> Iterator[Any]:
    yield _DISK + 'volume="'
    yield volume
    yield _DISK_REST.format(region=region, folder=DISK)
