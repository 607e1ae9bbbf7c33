"""What an image is: a store, a store for which there is none of ours, a proxy, a tool. The table is images.csv."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from standfast.spec.draft.workload import Workload


@dataclass(frozen=True)
class Known:
    """What is known of an image.

    `role`    `store` (one of ours, its `kind`), `alone` (keeps data, but there is no store for it), `proxy`,
              `tool` and `watch` (not part of the system in production), `app`, or "" for somebody's own program
    `port`    where it listens if nobody says otherwise, 0: unknown; `memory` it needs at least, as text
    `title`   what it is; `note` what to know when it is replaced
    """

    role: str = ""
    kind: str = ""
    port: int = 0
    memory: str = ""
    title: str = ""
    note: str = ""


OWN = Known()
# Folders that only one program writes to: they tell what an image of one's own is made from.
_FOLDERS = {
    "/var/lib/postgresql": "postgres", "/bitnami/postgresql": "postgres", "/var/lib/mysql": "mysql",
    "/bitnami/mariadb": "mariadb", "/data/db": "mongo", "/var/lib/redis": "redis", "/var/lib/rabbitmq": "rabbitmq",
    "/usr/share/elasticsearch/data": "elasticsearch", "/var/lib/cassandra": "cassandra",
}  # fmt: skip
_PROXIES = {
    "nginx",
    "proxy",
    "haproxy",
    "traefik",
    "caddy",
    "envoy",
    "ingress",
    "loadbalancer",
    "lb",
}  # as people name them
_TAG = re.compile(r"(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?$")


def known(workload: Workload) -> Known:
    """What runs in a container: by its image, else by the folder it keeps data in."""
    found = by_image(workload.image)
    if found.role or (workload.image and not workload.build):
        return found
    if set(re.split("[_.-]", workload.name.lower())) & _PROXIES:
        return by_image("nginx")
    for disk in workload.disks:
        for folder, image in _FOLDERS.items():
            if disk.path == folder or disk.path.startswith(f"{folder}/"):
                return by_image(image)
    return found


def by_image(image: str) -> Known:
    name = repository(image)
    return next((what for patterns, what in _table() if name and _matches(name, patterns)), OWN)


def repository(image: str) -> str:
    """What an image is called, wherever it is pulled from: `quay.io/acme/web:1.4` gives `acme/web`.

    Official images are known by their one word: `docker.io/library/redis@sha256:…` gives `redis`.
    """
    name = _TAG.sub("", image.strip().lower())
    host, _, rest = name.partition("/")
    if rest and (set(host) & {".", ":"} or host == "localhost"):
        name = rest
    return name.removeprefix("docker/").removeprefix("library/")


def tag(image: str) -> str:
    """The tag of an image, "" where there is none."""
    found = re.search(r":([\w.-]+)(?:@|$)", image.rpartition("/")[2])
    return found[1] if found else ""


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@cache
def _table() -> tuple[tuple[tuple[str, ...], Known], ...]:
    text = files("standfast.spec.draft").joinpath("images.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple((tuple(row["images"].split()), _known(row)) for row in rows)


def _known(row: dict[str, str]) -> Known:
    return Known(row["role"], row["kind"], int(row["port"] or 0), row["memory"], row["title"], row["note"])
