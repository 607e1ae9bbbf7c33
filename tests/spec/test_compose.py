"""Docker Compose files as people write them, and what must come of them, as read off the files by eye."""

from __future__ import annotations

from pathlib import Path

import pytest

from standfast.problem import Problems
from standfast.spec import System, parse_spec
from standfast.spec.importers import Imported, import_files, importers

DATA = Path(__file__).parent / "data" / "compose"


def imported(name: str) -> tuple[System, Imported]:
    found = import_files([DATA / name])
    return parse_spec(found.text, name), found


def written(tmp_path: Path, text: str, name: str = "compose.yaml") -> tuple[System, Imported]:
    (tmp_path / name).write_text(text)
    found = import_files([tmp_path / name])
    return parse_spec(found.text, "spec.yaml"), found


def graph(system: System) -> dict[str, list[str]]:
    return {one.name: [call.to for call in one.calls] for one in system.services}


def told(found: Imported, *words: str) -> bool:
    return any(all(word in str(one) for word in words) for one in found.remarks)


def test_django_behind_nginx_with_a_worker() -> None:
    system, found = imported("bookshop-django.compose.yaml")
    assert graph(system) == {
        "web": ["db", "redis"], "worker": ["db", "redis"], "beat": ["db", "redis"], "nginx": ["web"]
    }  # fmt: skip
    assert [one.name for one in system.services if one.public] == ["nginx"]
    web, worker, _, nginx = system.services
    assert (web.port, web.memory, web.cpu, web.stateful) == (8000, 1.0, 0.020, True)  # 2 CPU / 2 / 50 rps
    assert (nginx.port, nginx.cpu, nginx.stateful) == (80, 0.001, False)
    assert web.secrets == ("SECRET_KEY", "SENTRY_DSN") and not worker.stateful
    assert web.environment == {
        "DJANGO_SETTINGS_MODULE": "bookshop.settings.production",
        "DJANGO_ALLOWED_HOSTS": "www.example.com",
        "WORKERS": "4",
    }
    db, redis = system.stores
    assert (db.kind, db.version) == ("postgres", "15") and (redis.kind, redis.memory) == ("redis", 0.25)
    assert told(found, ":20:", "'.env'", "web, worker, beat") and not told(found, "command")
    assert web.command[0] == "gunicorn"
    assert worker.command == ("celery", "-A", "bookshop", "worker", "-l", "info") and not nginx.argv
    assert told(found, ":3:", "EXTENSION") and told(found, "/app/media") and told(found, "worker waits for web")
    assert "k2lq" not in found.text and "RELEASE" in found.text.partition("web:")[0]


def test_java_services_that_talk_through_kafka() -> None:
    system, found = imported("orders-kafka.compose.yaml")
    assert system.name == "orders"
    assert graph(system) == {
        "api-gateway": ["order-service", "inventory-service"],
        "order-service": ["mysql", "kafka"],
        "inventory-service": ["mysql", "kafka"],
        "zookeeper": [],
        "kafka": ["zookeeper"],
    }
    ports = {one.name: one.port for one in system.services}
    assert ports == {
        "api-gateway": 8080, "order-service": 8081, "inventory-service": 8082, "zookeeper": 2181, "kafka": 9092
    }  # fmt: skip
    gateway = system.services[0]
    assert gateway.public and gateway.health == "/actuator/health" and gateway.memory == 0.75 and gateway.cpu == 0.0075
    assert gateway.image == "registry.example.com/orders/gateway:2.3.1"
    assert [one.name for one in system.services if one.stateful] == ["zookeeper", "kafka"]
    assert system.stores[0].version == "" and told(found, "mysql is MySQL 5.7", "no longer mend")
    assert told(found, ":48:", "event log (Kafka)", "no store") and told(found, "zookeeper, kafka", "no standby")
    assert told(found, "kafka-ui", "left out") and told(found, "mysql publishes port 3306")
    assert "orders123" not in found.text and "inventory123" not in found.text
    assert all("SPRING_DATASOURCE_URL" not in one.environment for one in system.services)


def test_rails_with_names_that_a_spec_does_not_allow() -> None:
    system, found = imported("forum-rails.compose.yaml")
    assert graph(system) == {
        "forum-web": ["forum-db", "redis-cache"], "forum-sidekiq": ["forum-db", "redis-cache"], "secrets-1": []
    }  # fmt: skip
    assert {one.name: (one.kind, one.version, one.essential) for one in system.stores} == {
        "forum-db": ("postgres", "", True), "redis-cache": ("redis", "", False)
    }  # fmt: skip
    web = system.services[0]
    assert web.public and web.port == 3000 and web.stateful and web.secrets == ("RAILS_MASTER_KEY",)
    assert web.environment["MOTD"] == 'Welcome to the "forum": have fun'
    for name in ("forum_web", "forum_sidekiq", "forum_db", "Redis.Cache", "secrets"):
        assert told(found, f"'{name}' is called")
    assert told(found, "forum_web is taken", "own machine") and told(found, "selenium", "profile test")
    assert told(found, "mailcatcher", "left out") and told(found, "forum_db is PostgreSQL 13")
    assert told(found, "forum_web, forum_sidekiq share ./storage")
    assert "0123456789abcdef" not in found.text


def test_services_that_traefik_finds_by_their_labels() -> None:
    system, found = imported("blog-traefik.compose.yaml")
    assert graph(system) == {"reverse-proxy": ["ghost", "api"], "ghost": ["ghost-db"], "api": []}
    assert [call.share for call in system.services[0].calls] == [0.5, 0.5]
    proxy, ghost, api = system.services
    assert (proxy.public, ghost.public, api.public) == (True, False, False)
    assert (proxy.port, ghost.port, api.port) == (80, 2368, 4000) and api.health == "/api/health?full=1"
    assert ghost.stateful and not proxy.stateful
    assert ghost.secrets == ("mail__options__auth__pass",) and api.secrets == ("STRIPE_KEY",)
    assert system.stores[0].kind == "mysql" and told(found, "ghost-db is MariaDB", "mariadb-dump")
    assert told(found, "443/udp") and told(found, "watchtower", "left out") and told(found, "networks", "back")
    assert "sk_live" not in found.text and "entropy" not in found.text and "gh0st" not in found.text


def test_dotnet_with_a_circle_a_migration_and_stores_of_others() -> None:
    system, found = imported("store-dotnet.compose.yaml")
    assert graph(system) == {"web": ["api"], "api": ["sql", "rabbit"], "sql": [], "rabbit": []}
    assert told(found, ":17:", "call from api to web is left out", "web -> api -> web")
    assert told(found, "migrate runs once") and told(found, "sql is a database (SQL Server)")
    api = system.services[1]
    assert api.secrets == ("ConnectionStrings__Default", "RabbitMq__Password")
    assert (api.cpu, api.memory, api.health) == (0.015, 0.5, "/health/ready")  # 3 × 0.5 CPU / 2 / 50 rps
    assert system.services[0].environment["Cors__AllowedOrigins"] == "https://store.example.com"
    assert not system.stores and "Str0ng" not in found.text and "rabbit-pw" not in found.text


def test_nothing_published_minio_and_monitoring() -> None:
    system, found = imported("media-node.compose.yaml")
    assert graph(system) == {
        "gateway": ["images", "search"], "images": ["minio", "cache"], "search": ["elasticsearch"],
        "cache": [], "elasticsearch": [],
    }  # fmt: skip
    assert [one.name for one in system.services if one.public] == ["gateway"] and told(found, "gateway is taken")
    assert [one.port for one in system.services] == [4000, 5000, 5001, 11211, 9200]
    assert system.stores[0].kind == "objects" and told(found, "minio is an object store")
    assert told(found, "cap_add") and told(found, "prometheus is monitoring") and told(found, "create-bucket")
    assert "minioadmin" not in found.text


def test_the_first_format_with_links() -> None:
    system, _ = imported("legacy-links.docker-compose.yml")
    assert system.name == "legacy-links" and graph(system) == {"wordpress": ["db", "cache"]}
    assert system.services[0].memory == 0.5 and system.services[0].port == 80
    assert [(one.kind, one.version) for one in system.stores] == [("mysql", "8.4"), ("redis", "")]


def test_json_and_a_database_named_in_a_command() -> None:
    system, _ = imported("saas-json.compose.json")
    assert system.name == "saas" and graph(system) == {"app": ["pg"]}
    assert system.services[0].environment == {
        "NODE_ENV": "production",
        "DEBUG": "false",
        "LIMIT": "10",
        "RATIO": "0.50",
    }
    assert not system.services[0].stateful and system.stores[0].version == "16"


def test_extending_and_including() -> None:
    system, found = imported("extending.compose.yaml")
    front, back = system.services[:2]
    assert front.environment == {"LOG_LEVEL": "debug", "REGION": "eu"} and front.memory == pytest.approx(300 / 1024)
    assert back.image == "ghcr.io/acme/back:3" and back.memory == front.memory and front.calls[0].to == "back"
    assert told(found, ":3:", "missing.yaml") and told(found, "'lost' extends 'nowhere'") and told(found, "8445")


def test_a_program_with_a_folder_of_data() -> None:
    system, found = imported("paste-go.compose.yaml")
    paste = system.services[0]
    assert paste.stateful and paste.port == 8443 and paste.secrets == ("ADMIN_TOKEN",) and "@sha256:" in paste.image
    assert paste.environment == {"TLS_CERT": "/certs/tls.crt"} and told(found, "22 too")


def test_files_are_laid_over_one_another(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(
        "services:\n  web:\n    image: web:1\n    ports: ['80:80']\n    environment: [A=1, B=2]\n    command: old\n"
    )
    (tmp_path / "compose.prod.yaml").write_text(
        "services:\n  web:\n    image: web:2\n    ports: ['81:81']\n    environment: {B: 3}\n  db: {image: mysql:8.0}\n"
    )
    found = import_files([tmp_path / "compose.yaml", tmp_path / "compose.prod.yaml"])
    system = parse_spec(found.text, "s.yaml")
    web = system.services[0]
    assert web.image == "web:2" and web.environment == {"A": "1", "B": "3"} and web.port == 80
    assert told(found, "81") and system.stores[0].version == "8.0"
    assert told(found, "compose.prod.yaml:6", "nothing here says who uses db") and graph(system) == {"web": ["db"]}


def test_a_proxy_that_says_nothing_passes_on_to_what_nobody_else_calls(tmp_path: Path) -> None:
    text = "services:\n  lb: {image: haproxy, ports: [80]}\n  one: {build: ., expose: [1000]}\n  two: {build: ./b}\n"
    system, found = written(tmp_path, text)
    assert graph(system) == {"lb": ["one"], "one": [], "two": []} and told(found, "lb passes requests on to")


def test_a_secret_mounted_as_a_file(tmp_path: Path) -> None:
    text = """\
services:
  web: {image: w, ports: [80], secrets: [db-pw, {source: api.key}, db], depends_on: [db]}
  db: {image: postgres, secrets: [db-pw]}
secrets: {db-pw: {file: x}, api.key: {external: true}, db: {file: y}}
"""
    system, found = written(tmp_path, text)
    assert system.services[0].secrets == ("api.key", "db_secret")
    assert "left out: the secret db-pw" in found.text and "api.key as api_key" in found.text


def test_one_name_with_two_values_is_told(tmp_path: Path) -> None:
    text = "services:\n" + "".join(
        f"  {name}: {{image: {name}, ports: [80], environment: {{API_KEY: {name}-key}}}}\n" for name in "ab"
    )
    _, found = written(tmp_path, text)
    assert told(found, "a and b have different values of API_KEY")


@pytest.mark.parametrize(
    ("text", "says", "fix"),
    [
        ("services: {}\n", "no services to import", "services"),
        ("services: [web]\n", "mapping of names", "services"),
        ("services:\n  web: nginx\n", "'web' must be a mapping", "image"),
        ("services:\n  db: {image: postgres}\n", "only stores and tools", "init"),
        ("services:\n  web: {image: x, profiles: [dev]}\n", "no services to import", "profile"),
        ("services:\n  web: {image: !reset x}\n", "tag", "remove"),
        ("services:\n  web: {image: x\n", "not valid YAML", "brackets"),
        ("services:\n  web: {image: x}\n  web: {image: y}\n", "written twice", "keep one"),
        ("system: x\nservices: {}\n", "is a spec already", "standfast check"),
        ("apiVersion: v1\nkind: Service\n", "without a name", "metadata.name"),
        ("hello: world\n", "no format that can be imported", "Compose"),
        ("", "empty", "init"),
    ],
)
def test_what_cannot_be_imported(tmp_path: Path, text: str, says: str, fix: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    with pytest.raises(Problems, match=says) as raised:
        import_files([path])
    assert any(fix in one.fix for one in raised.value.problems)
    assert all(one.place.file == "file.yaml" for one in raised.value.problems)


def test_every_importer_has_what_the_folder_asks_for() -> None:
    assert "compose" in importers()
    for importer in importers().values():
        assert callable(importer.recognises) and callable(importer.read) and importer.__doc__


@pytest.mark.parametrize("path", sorted(DATA.glob("*compose*")), ids=lambda path: path.name)
def test_the_text_is_a_file_a_person_would_keep(path: Path) -> None:
    text = import_files([path]).text
    assert text == import_files([path]).text and text.endswith("\n") and "\n\n\n" not in text
    assert not [line for line in text.splitlines() if len(line) > 140 or line != line.rstrip()]
    assert text.startswith(f"# Made from {path.name}.") and "assumed" in text and "\npromises:" in text
