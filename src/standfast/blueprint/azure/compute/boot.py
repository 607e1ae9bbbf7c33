"""What a server does when it first starts: run the service's container as a systemd unit, with its environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint import boot
from standfast.blueprint.azure import identity, keys
from standfast.blueprint.azure.compute.environment import environment, secrets
from standfast.blueprint.azure.site import Site
from standfast.blueprint.model import Join
from standfast.blueprint.site import Hosted
from standfast.problem import Problem, Problems

LIMIT = 48_000  # bytes: Azure takes 64 KiB of custom data once it is encoded (Azure docs, "Custom data")

INSTALL = """\
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet
apt-get install --yes --quiet docker.io"""

LOGS = ("--log-driver syslog --log-opt syslog-facility=local0 --log-opt tag=app",)

# The identity of the service: a server may have several, so it is named, in a file.
_TOKEN = """\
def ask(url, headers, data=None):
    asked = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(asked, timeout=30) as told:
        return json.load(told)


def token(resource):
    metadata = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
    who = {"client_id": open("/etc/app-identity").read().strip(), "resource": resource}
    return ask(metadata + "&" + urllib.parse.urlencode(who), {"Metadata": "true"})["access_token"]
"""

_READ = """

def read(where):
    bearer = {"Authorization": "Bearer " + token("https://vault.azure.net")}
    return ask(where + "?api-version=7.4", bearer)["value"]
"""

_LOGIN = '''\
cat > /usr/local/bin/app-login <<'SCRIPT'
#!/usr/bin/python3
"""Logs docker in to the registry as this service."""
import json, subprocess, urllib.parse, urllib.request

'''
_LOGIN_REST = """

form = {"grant_type": "access_token", "service": REGISTRY, "access_token": token("https://management.azure.com/")}
asked = urllib.parse.urlencode(form).encode()
answer = ask("https://" + REGISTRY + "/oauth2/exchange", {}, asked)["refresh_token"]
login = ["docker", "login", "--username", "00000000-0000-0000-0000-000000000000", "--password-stdin", REGISTRY]
subprocess.run(login, input=answer, text=True, check=True, stdout=subprocess.DEVNULL)
SCRIPT
chmod 0755 /usr/local/bin/app-login
"""

_DISK = f"""\
# The lasting disk: unit 0 of this server, by one name or the other.
disk=
until [ -n "$disk" ]; do
  for one in /dev/disk/azure/data/by-lun/0 /dev/disk/azure/scsi1/lun0; do [ -e "$one" ] && disk=$one; done
  sleep 1
done
blkid "$disk" || mkfs.xfs "$disk"
mkdir -p {boot.DISK}
echo "$disk {boot.DISK} xfs defaults,nofail,x-systemd.before=app.service 0 2" >> /etc/fstab
mount {boot.DISK}
"""


def custom_data(site: Site, host: Hosted) -> Join:
    """The script cloud-init runs once. Raises Problems when it is longer than Azure takes."""
    parts = tuple(_parts(site, host))
    text = "".join(part if isinstance(part, str) else "x" * 100 for part in parts)
    if len(text.encode()) > LIMIT:
        what = f"the environment of {host.name} is too long: {len(text.encode())} bytes of custom data"
        place = host.service.where("environment")
        raise Problems([Problem(what, f"Azure takes {LIMIT} bytes", "move long values into secrets or files", place)])
    return Join(parts)


def _parts(site: Site, host: Hosted) -> Iterator[Any]:
    hidden = [boot.Secret(name, "value", keys.secret(one)) for name, one in secrets(site, host).items()]
    registry = identity.registry(host)
    yield boot.HEAD.format(service=host.name, system=site.system.name, install=INSTALL)
    if host.stateful:
        yield _DISK
    if registry or hidden:
        yield "cat > /etc/app-identity <<'ID'\n"
        yield identity.who(host, "client_id")
        yield "\nID\n"
    if registry:
        yield f'{_LOGIN}REGISTRY = "{registry}.azurecr.io"\n\n\n{_TOKEN}{_LOGIN_REST}'
    if hidden:
        yield from boot.read_secrets(f"{_TOKEN}{_READ}", hidden, ())
    yield from boot.unit(
        host.name,
        site.system.name,
        host.service.image,
        environment(site, host),
        hidden,
        entrypoint=host.service.entrypoint,
        command=host.service.command,
        login="ExecStartPre=/usr/local/bin/app-login\n" if registry else "",
        options=LOGS,
        volume=host.stateful,
    )
