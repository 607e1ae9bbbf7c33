"""The texts that a server's start is made of. Braces that are not fields are doubled.

Container-Optimized OS has Docker, systemd and Python, and nothing can be installed; what is below /etc is gone after
each start, so the script runs at each start.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from standfast.blueprint.model import Ref

DISK = "/mnt/disks/app"  # the lasting disk, on the server
DEVICE = "data"  # its name for the server

HEAD = """\
#!/bin/bash
# Runs {service} of {system} in a container, under systemd: journalctl -u app
set -euo pipefail
mkdir -p /etc/app
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
Environment=HOME=/run/app DOCKER_CONFIG=/run/app/docker
RuntimeDirectory=app
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
"""

# The file is read again before each command, so the one that ExecStartPre writes is there for ExecStart.
UNIT_SECRETS = """\
EnvironmentFile=-/run/app/secrets
ExecStartPre=/usr/bin/python3 /etc/app/secrets.py
"""

UNIT_LOGIN = "ExecStartPre=/usr/bin/docker-credential-gcr configure-docker --registries={registry}\n"

# On the host's network: it has the metadata server, from which the container gets the account of its service.
UNIT_RUN = """\
ExecStartPre=-/usr/bin/docker rm --force app
ExecStartPre=-/usr/bin/docker pull --quiet {image}
ExecStart=/usr/bin/docker run --rm --name app --network host --security-opt no-new-privileges \\
  --log-driver gcplogs --log-opt labels=service --label service={service} \\
  {options} \\
  {image}
ExecStop=/usr/bin/docker stop --time 30 app
Restart=always
RestartSec=5
TimeoutStartSec=600
UNIT
"""

# The server's own firewall lets nobody in by default (Google "Container-Optimized OS", "Host firewall").
START = """\
iptables -w -A INPUT -p tcp --dport {port} -j ACCEPT
systemctl daemon-reload
systemctl start app.service
"""

# A secret may be changed: look each minute, and restart the container when it was.
START_WITH_SECRETS = """\
cat > /etc/systemd/system/app-secrets.service <<'UNIT'
[Unit]
Description=Restart app when a secret has changed

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /etc/app/secrets.py --restart
UNIT
cat > /etc/systemd/system/app-secrets.timer <<'UNIT'
[Timer]
OnActiveSec=5min
OnUnitActiveSec=1min
RandomizedDelaySec=20s
UNIT
iptables -w -A INPUT -p tcp --dport {port} -j ACCEPT
systemctl daemon-reload
systemctl start app.service app-secrets.timer
"""

_SECRETS = '''\
cat > /etc/app/secrets.py <<'SCRIPT'
"""Writes the secrets of this service into memory, as systemd reads them; --restart: restarts it if they changed."""
import base64, json, os, subprocess, sys, urllib.request

FILE = "/run/app/secrets"
TOKEN = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"
SECRETS = {
'''
_SECRETS_REST = """\
}


def asked(address, **headers):
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20) as answer:
        return json.load(answer)


def read(secret, token):
    address = f"https://secretmanager.googleapis.com/v1/{secret}/versions/latest:access"
    told = asked(address, Authorization=f"Bearer {token}")
    return base64.b64decode(told["payload"]["data"]).decode()


def quoted(value):
    for one in "\\\\", '"', "$", "`":
        value = value.replace(one, "\\\\" + one)
    return f'"{value}"'


token = asked(TOKEN, **{"Metadata-Flavor": "Google"})["access_token"]
found = {name: read(secret, token) for name, secret in SECRETS.items()}
text = "".join(f"{name}={quoted(value)}\\n" for name, value in found.items())
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

LASTING_DISK = f"""\
# The lasting disk: formatted once, mounted by each server that takes it over.
disk=/dev/disk/by-id/google-{DEVICE}
until [ -e "$disk" ]; do sleep 1; done
blkid "$disk" || mkfs.ext4 -m 0 -E lazy_itable_init=0 "$disk"
mkdir -p {DISK}
mountpoint -q {DISK} || mount -o discard,defaults "$disk" {DISK}
"""


def read_secrets(secrets: Mapping[str, Ref]) -> Iterator[Any]:
    """The program that reads the secrets: variable -> the secret's own name."""
    yield _SECRETS
    for name, secret in secrets.items():
        yield f"    {json.dumps(name)}: \""
        yield secret
        yield '",\n'
    yield _SECRETS_REST


def options(names: Iterable[str], stateful: bool, folder: str) -> list[str]:
    """What `docker run` is told: the variables that it hands on, and the disk."""
    found = [f"--env {name}" for name in dict.fromkeys(names)]
    return [*found, f"--volume {DISK}:{folder}"] if stateful else found
