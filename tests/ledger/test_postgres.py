"""The ledger in a real PostgreSQL: the same chain, several writers, and a database that refuses by itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standfast.cli import run
from standfast.ledger import append, append_measured, entries, measured, newest, verify
from standfast.problem import Problems
from standfast.promise import Measured
from standfast.workspace import LEDGER_VARIABLE, Database, Workspace
from standfast.worlds.lab.addresses import free_addresses
from standfast.worlds.lab.postgres import Server
from standfast.worlds.lab.room import make_site, remove_rooms
from tests.postgres import need_postgres

pytestmark = pytest.mark.real
DRILL = Measured("reliability.rto.corruption", 1.9, "2026-11-23T10:00:00Z", "lab", "drill/1", "100 MiB")
WRITES = (
    "import sys; from standfast.ledger import append; from standfast.workspace import Database\n"
    "for n in range(20): append(Database(sys.argv[1], 'many'), what='drill', subject=str(n), verdict='kept')"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    need_postgres()
    folder = tmp_path_factory.mktemp("ledger")
    one = Server(make_site(folder), "ledger", free_addresses(folder, ["ledger"])["ledger"])
    one.initialise()
    try:
        one.start({"fsync": "off"})
        with one.connect() as admin:
            admin.execute("CREATE DATABASE evidence")
        yield one
    finally:
        one.lose()
        remove_rooms(folder)


def url_of(server: Server, user: str = "standfast", password: str = "") -> str:
    host, port = server.address
    return f"postgresql://{user}:{password or server.site.password}@{host}:{port}/evidence?sslmode=disable"


@pytest.fixture
def ledger(server: Server, request: pytest.FixtureRequest) -> Database:
    """Three records in a ledger of the test's own name."""
    one = Database(url_of(server), request.node.name)
    append(one, what="apply", subject="shop", verdict="kept", world="emulator", details={"created": 167, "at": "über"})
    append_measured(one, DRILL, what="drill", subject="restore", verdict="kept")
    append(one, what="audit", subject="shop", verdict="broken", measure="security.checks", value=2, world="emulator")
    return one


def sql(ledger: Database, *statements: str, as_owner: bool = False) -> Any:
    """What an owner of the tables may do takes the triggers out of the way."""
    import psycopg

    with psycopg.connect(ledger.url) as connection:
        if as_owner:
            connection.execute("SET session_replication_role = replica")
        for one in statements:
            answer = connection.execute(one, {"name": ledger.name} if "%(name)s" in one else None)
        return answer.fetchall() if answer.description else None


def fault(ledger: Database, seen: str = "") -> tuple[int, str]:
    found = verify(ledger, seen)
    assert found is not None
    return found.place.line, found.what


def test_what_was_written_is_read_back_and_two_systems_do_not_mix(ledger: Database, tmp_path: Path) -> None:
    assert [one.what for one in entries(ledger)] == ["apply", "drill", "audit"]
    assert measured(ledger)[0] == DRILL and entries(ledger)[0].details["at"] == "über"
    assert verify(ledger) is None and verify(ledger, newest(ledger)[1]) is None
    other = Database(ledger.url, "another system")
    assert (entries(other), verify(other)) == ([], None)
    file = tmp_path / "ledger.sqlite"
    for one in entries(ledger):
        told = {key: value for key, value in vars(one).items() if key not in ("number", "previous", "hash")}
        append(file, **told)
    assert newest(file) == newest(ledger), "the same records have the same hashes in both stores"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE standfast.evidence SET verdict = 'kept'",
        "DELETE FROM standfast.evidence",
        "TRUNCATE standfast.evidence",
        "UPDATE standfast.newest SET number = 1",
        "DELETE FROM standfast.newest",
        "TRUNCATE standfast.newest",
        "INSERT INTO standfast.newest VALUES ('forged', 1, '')",
        "INSERT INTO standfast.evidence SELECT ledger, 9, what, subject, verdict, measure, value, world, at, who,"
        " source, note, details, previous, hash FROM standfast.evidence WHERE ledger = %(name)s AND number = 1",
    ],
)
def test_the_database_itself_refuses(ledger: Database, statement: str) -> None:
    import psycopg

    with pytest.raises(psycopg.errors.RaiseException, match=r"append only|does not follow"):
        sql(ledger, statement)
    assert verify(ledger) is None


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE standfast.evidence SET note = 'x' WHERE number = 2", (2, "record 2 was altered")),
        ("UPDATE standfast.evidence SET value = '3' WHERE number = 3", (3, "record 3 was altered")),
        ("UPDATE standfast.evidence SET previous = '7' WHERE number = 2",
         (2, "record 2 does not follow the one before it")),
        ("DELETE FROM standfast.evidence WHERE number = 1", (1, "record 1 is missing")),
        ("DELETE FROM standfast.evidence WHERE number = 3", (3, "record 3 is missing")),
        ("DELETE FROM standfast.newest WHERE true", (3, "the end of the ledger is gone")),
    ],
)  # fmt: skip
def test_who_owns_the_tables_is_found_out_and_stays_so(
    ledger: Database, statement: str, found: tuple[int, str]
) -> None:
    sql(ledger, statement + " AND ledger = %(name)s", as_owner=True)
    assert fault(ledger) == found
    append(Database(ledger.url, "another"), what="audit", subject="shop", verdict="kept")
    assert fault(ledger) == found


def test_several_processes_append_to_one_chain(server: Server) -> None:
    many = Database(url_of(server), "many")
    running = [subprocess.Popen([sys.executable, "-c", WRITES, many.url]) for _ in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert len(entries(many)) == 60 and verify(many) is None


def test_a_writer_needs_no_more_than_the_schema_says(ledger: Database, server: Server) -> None:
    schema = Path(append.__code__.co_filename).with_name("schema.sql").read_text()
    grants = [line.removeprefix("--").strip() for line in schema.splitlines() if line.startswith("--   GRANT")]
    assert len(grants) == 3
    sql(ledger, "CREATE ROLE writer LOGIN PASSWORD 'only-in-this-test'", *grants)
    writer = Database(url_of(server, "writer", "only-in-this-test"), ledger.name)
    append(writer, what="audit", subject="shop", verdict="kept")
    assert verify(writer) is None and len(entries(writer)) == 4
    import psycopg

    for statement in ("UPDATE standfast.evidence SET note = ''", "DELETE FROM standfast.newest"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql(writer, statement)


@pytest.mark.parametrize("change", [("evidence?", "none?"), ("standfast:", "nobody:"), ("sslmode=disable", "sslmod=x")])
def test_a_database_that_cannot_be_used_is_a_problem_without_the_password(
    server: Server, change: tuple[str, str]
) -> None:
    url = url_of(server, password="s3cr3t-W0rd" if "nobody" in change[1] else "").replace(*change)
    for doing in (lambda: entries(Database(url, "shop")), lambda: append(Database(url, "shop"), what="audit",
                  subject="x", verdict="kept")):  # fmt: skip
        with pytest.raises(Problems, match="cannot be used") as caught:
            doing()
        said = f"{caught.value} {Database(url, 'shop')!r}"
        assert server.site.password not in said and "s3cr3t" not in said


def test_every_verb_uses_it_and_shows_no_password(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.shop import EXAMPLES

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(LEDGER_VARIABLE, url_of(server))
    shop = str(EXAMPLES / "shop.yaml")
    assert run(["evidence", "record", shop, "control", "gdpr:28"]) == 0
    assert run(["evidence", "list", shop]) == run(["audit", "verify", shop]) == 0
    shown = capsys.readouterr()
    host, port = server.address
    assert f"shop in postgresql://{host}:{port}/evidence: 1 record, unaltered" in shown.out
    assert server.site.password not in shown.out + shown.err and not list(tmp_path.rglob("*.sqlite"))
    sql(
        Database(url_of(server), "shop"),
        "UPDATE standfast.evidence SET who = 'eve' WHERE ledger = %(name)s",
        as_owner=True,
    )
    assert run(["audit", "verify", shop]) == 1
    shown = capsys.readouterr()
    assert "record 1 was altered" in shown.out + shown.err and server.site.password not in shown.out + shown.err


@pytest.mark.parametrize(
    "url",
    [
        "mysql://a:hidden@b/c",
        "postgresql://a:hid/den@b/c",
        "postgresql://a:hid?den@b",
        "postgresql://a:1?hid@b",
        "hidden",
    ],
)
def test_what_is_no_address_is_a_problem_that_does_not_show_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LEDGER_VARIABLE, url)
    with pytest.raises(Problems, match="no address of PostgreSQL") as caught:
        _ = Workspace.of("shop", None).ledger
    assert "hid" not in str(caught.value)
