"""The texts that only servers on Google Cloud are made of. Braces that are not fields are doubled.

Container-Optimized OS has Docker, systemd and Python, and nothing can be installed; what is in /etc is gone after each
start, so the script runs at each start.
"""

from __future__ import annotations

from standfast.blueprint.boot import DISK

DEVICE = "data"  # the lasting disk's name for the server

# The server's own firewall lets nobody in by default (Google "Configuring the host firewall").
INSTALL = "iptables -w -A INPUT -p tcp --dport {port} -j ACCEPT"

# What `docker run` is told of the log.
LOGS = ("--log-driver gcplogs", "--log-opt labels=service", "--label service={service}")

LOGIN = """\
Environment=DOCKER_CONFIG=/var/lib/app-login
ExecStartPre=/usr/bin/docker-credential-gcr configure-docker --registries={registry}
"""

# The function that reads one secret by its name.
READ = """\
import base64


def asked(address, **headers):
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20) as answer:
        return json.load(answer)


def read(where):
    metadata = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"
    token = asked(metadata, **{"Metadata-Flavor": "Google"})["access_token"]
    address = f"https://secretmanager.googleapis.com/v1/{where}/versions/latest:access"
    told = asked(address, Authorization=f"Bearer {token}")
    return base64.b64decode(told["payload"]["data"]).decode()
"""

LASTING_DISK = f"""\
# The lasting disk: formatted once, mounted by each server that takes it over.
disk=/dev/disk/by-id/google-{DEVICE}
until [ -e "$disk" ]; do sleep 1; done
blkid "$disk" || mkfs.ext4 -m 0 -E lazy_itable_init=0 "$disk"
mkdir -p {DISK}
mountpoint -q {DISK} || mount -o discard,defaults "$disk" {DISK}
"""
