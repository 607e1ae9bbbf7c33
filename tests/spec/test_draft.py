"""The parts an importer shares with the next: names, images, ports, volumes, sizes, variables."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.problem import NOWHERE
from standfast.spec.document import Node, parse_document
from standfast.spec.draft.images import by_image, repository, tag
from standfast.spec.draft.names import allowed, renamed
from standfast.spec.draft.text import scalar
from standfast.spec.draft.variables import hosts, is_secret
from standfast.spec.draft.workload import Variable
from standfast.spec.importers.compose.words import disk, gib, interpolated, ports, shown
from standfast.spec.model import STORE_KINDS
from standfast.spec.secrecy import looks_secret


def node(text: str) -> Node:
    return parse_document(f"v: {text}", "t").value["v"]


def test_names_are_made_allowed_and_stay_apart() -> None:
    names = ["web", "Web", "my_API.v2", "1st", "secrets", "größe", "数", "a" * 40, "a" * 41, "-", "web-2"]
    found = renamed(names)
    assert found["web"] == "web" and found["web-2"] == "web-2" and found["Web"] == "web-3"
    assert found["my_API.v2"] == "my-api-v2" and found["1st"] == "s-1st" and found["secrets"] == "secrets-1"
    assert len(set(found.values())) == len(names) and all(map(allowed, found.values()))


@given(st.lists(st.text(max_size=50), unique=True, max_size=20))
def test_any_names_become_allowed_and_the_same_each_time(names: list[str]) -> None:
    found = renamed(names)
    assert len(set(found.values())) == len(names) and all(map(allowed, found.values()))
    assert found == renamed(names)


@pytest.mark.parametrize(
    ("image", "role", "kind"),
    [
        ("postgres:16-alpine", "store", "postgres"),
        ("docker.io/library/postgres@sha256:00ff", "store", "postgres"),
        ("public.ecr.aws/docker/library/redis:7", "store", "redis"),
        ("localhost:5000/mysql", "store", "mysql"),
        ("bitnami/postgresql:15", "store", "postgres"),
        ("timescale/timescaledb-ha:pg16", "store", "postgres"),
        ("ghcr.io/acme/postgis", "store", "postgres"),
        ("lscr.io/linuxserver/mariadb", "store", "mysql"),
        ("redislabs/redismod", "store", "redis"),
        ("quay.io/minio/minio", "store", "objects"),
        ("quay.io/minio/mc", "tool", ""),
        ("mongo:7", "alone", ""),
        ("docker.elastic.co/elasticsearch/elasticsearch:8", "alone", ""),
        ("mcr.microsoft.com/mssql/server:2022", "alone", ""),
        ("nginx", "proxy", ""),
        ("prom/prometheus", "watch", ""),
        ("wordpress:latest", "app", ""),
        # somebody's own program, though a word in it sounds familiar
        ("ghcr.io/acme/server:1", "", ""),
        ("acme/postgres-importer", "", ""),
        ("acme/mongo-api", "", ""),
        ("acme/redis-exporter-ui", "", ""),
        ("acme/agent", "", ""),
        ("node:20", "", ""),
        ("", "", ""),
    ],
)
def test_what_an_image_is(image: str, role: str, kind: str) -> None:
    assert (by_image(image).role, by_image(image).kind) == (role, kind)


def test_the_table_of_images_is_sound() -> None:
    text = files("standfast.spec.draft").joinpath("images.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    patterns = [pattern for row in rows for pattern in row["images"].split()]
    assert len(patterns) == len(set(patterns)) and all(one == one.lower() for one in patterns)
    for row in rows:
        assert None not in row and row["role"] in {"store", "alone", "proxy", "tool", "watch", "app"}
        assert (row["kind"] in STORE_KINDS) == (row["role"] == "store")
        assert row["title"] or row["role"] == "app"


def test_repository_and_tag() -> None:
    assert repository("Registry.example.com:5000/Acme/Web:1.4@sha256:ab") == "acme/web"
    assert tag("registry:5000/web") == "" and tag("web:1.4@sha256:ab") == "1.4"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("['80']", [(80, True, False, "tcp")]),
        ("[80]", [(80, True, False, "tcp")]),
        ("['8080:80/udp']", [(80, True, False, "udp")]),
        ("['127.0.0.1:8080:80']", [(80, True, True, "tcp")]),
        ("['[::1]:8080:80']", [(80, True, True, "tcp")]),
        ("['0.0.0.0:8080:80']", [(80, True, False, "tcp")]),
        ("['3000-3002:3000-3002']", [(3000, True, False, "tcp"), (3002, True, False, "tcp")]),
        ("['${PORT}:80']", [(80, True, False, "tcp")]),
        ("['80:${PORT7}']", []),
        ("[{target: 80, published: '8080', host_ip: 127.0.0.1}]", [(80, True, True, "tcp")]),
        ("['x', '0', '99999', null]", []),
    ],
)
def test_ports(text: str, expected: list[tuple]) -> None:
    found = [(one.number, one.published, one.local, one.protocol) for one in ports(interpolated(node(text)), True)]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("db_data:/var/lib/x", ("/var/lib/x", "db_data", True, False)),
        ("db_data:/var/lib/x:ro", ("/var/lib/x", "db_data", True, True)),
        ("./data:/data", ("/data", "./data", True, False)),
        ("./src:/app", ("/app", "./src", False, False)),
        ("./conf/data.yml:/etc/data.yml:ro", ("/etc/data.yml", "./conf/data.yml", False, True)),
        ("/var/run/docker.sock:/var/run/docker.sock", ("/var/run/docker.sock", "/var/run/docker.sock", False, False)),
        ("/scratch", ("/scratch", "", False, False)),
        (r"'C:\data:/data'", ("/data", r"C:\data", True, False)),
        ("{type: volume, source: a, target: /b}", ("/b", "a", True, False)),
        ("{type: tmpfs, target: /b}", ("/b", "", False, False)),
    ],
)
def test_volumes(text: str, expected: tuple) -> None:
    found = disk(node(text))
    assert found is not None and (found.path, found.source, found.kept, found.read_only) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("512m", 0.5), ("1.5G", 1.5), ("536870912", 0.5), ("512MiB", 0.5), ("2gb", 2), ("0", None), ("much", None)],
)
def test_sizes(text: str, value: float | None) -> None:
    assert gib(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a-$A-b", "a-${A}-b"), ("${A:-x}", "x"), ("${A-x}", "x"), ("${A:?set it}", "${A}"), ("${A:+x}", ""),
        ("$$A", "$A"), ("${A:-${B:-c}}", "c"), ('${A:-{"j": 1}}', '{"j": 1}'), ("${", "${"), ("$1", "$1"),
    ],
)  # fmt: skip
def test_variables_are_filled_in(text: str, value: str) -> None:
    assert shown(interpolated(Node(text, NOWHERE)).value) == value


NAMES = {"db": "db", "redis": "redis", "api": "api", "postgres": "postgres", "my.cache": "redis"}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DB_HOST", "db", [("db", 0)]),
        ("DB_HOST", "db:5432", [("db", 5432)]),
        ("PGHOST", "db", [("db", 0)]),
        ("DATABASE_URL", "postgres://postgres:pw@db:5432/postgres", [("db", 5432)]),
        ("REDIS_URL", "redis://redis:6379/0", [("redis", 6379)]),
        ("REDIS_URL", "redis://elsewhere.example.com:6379", []),
        ("X", "jdbc:mysql://db/x", [("db", 0)]),
        ("X", "Server=db,1433;Database=api", [("db", 0)]),
        ("X", "host=db user=api dbname=redis", [("db", 0)]),
        ("BROKERS", "db:9092,api:9093", [("db", 9092), ("api", 9093)]),
        ("CACHE_URL", "http://my.cache:80", [("redis", 80)]),
        ("HOSTS", '["http://api:9200"]', [("api", 9200)]),
        ("DB_TYPE", "postgres", []),  # the name of a service, but no host
        ("DB_USER", "postgres", []),
        ("URL", "https://api.example.com", []),
        ("URL", "https://example.com/api", []),
        ("CORS_ORIGIN", "http://api:3000", []),  # who may come, not who is called
    ],
)
def test_hosts_in_variables(name: str, value: str, expected: list[tuple[str, int]]) -> None:
    assert list(hosts(Variable(name, value), NAMES)) == expected


@pytest.mark.parametrize(
    ("name", "value", "secret", "careful"),
    [
        ("DB_PASSWORD", "x", True, True),
        ("DB_PASSWORD", "123456", False, True),  # a number may be a length; an importer takes no chance
        ("PASSWORD_MIN_LENGTH", "8", False, False),
        ("TOKEN_TTL", "3600", False, False),
        ("URL", "postgres://u:pw@db/x", True, True),
        ("URL", "postgres://db/x", False, False),
        ("X", "AKIAIOSFODNN7EXAMPLE", True, True),
        ("X", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x", True, True),
        ("X", "Server=a;Password=b", True, True),
        ("X", "0123456789abcdef0123456789abcdef", False, True),
        ("POSTGRES_PASSWORD_FILE", "/run/secrets/pw", False, False),
        ("TLS_KEY", "/certs/tls.key", False, False),
        ("S3_KEY", "abc", False, True),
        ("LOG_LEVEL", "info", False, False),
        ("KEYBOARD", "us", False, False),
        ("ALLOW_EMPTY_PASSWORD", "yes", False, False),
    ],
)
def test_what_looks_like_a_secret(name: str, value: str, secret: bool, careful: bool) -> None:
    assert (looks_secret(name, value), is_secret(name, value)) == (secret, careful)


@given(
    st.one_of(st.text(), st.sampled_from(["yes", "1.10", "null", "a: b", "a #b", "- a", "@a", "y", "0x1", "1:30", "~"]))
)
def test_a_scalar_reads_back_as_the_text_it_was(text: str) -> None:
    if text.isprintable():
        assert parse_document(f"{{k: {scalar(text)}, l: [{scalar(text)}]}}", "t").plain() == {"k": text, "l": [text]}
