"""Whatever a Compose file holds: a sound spec that keeps the file's secrets to itself, or Problems. Nothing else."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfast.problem import Problems
from standfast.spec import parse_spec
from standfast.spec.importers import import_files
from tests.spec.changes import CHANGES, ODD, changed, places_of

DATA = Path(__file__).parent / "data" / "compose"
PLAIN = {path.name: yaml.safe_load(path.read_text()) for path in sorted(DATA.iterdir())}
PATHS = [(name, path) for name, plain in PLAIN.items() for path in places_of(plain)]
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def imported(text: str, folder: Path) -> None:
    path = folder / "compose.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        found = import_files([path])
    except Problems as problems:
        assert problems.problems
        for one in problems.problems:
            assert "fault of Standfast" not in str(one), one
            assert one.place.file and all(line.isprintable() for line in str(one).splitlines()), one
        return
    parse_spec(found.text, "compose.yaml")
    for one in found.remarks:
        assert one.warning and one.place.file and one.place.line, one
        assert all(line.isprintable() for line in str(one).splitlines()), one


@QUICK
@given(at=st.sampled_from(PATHS), change=CHANGES, odd=ODD, other=st.data())
def test_any_change(at, change: str, odd, other: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    name, path = at
    elsewhere = other.draw(st.sampled_from([where for file, where in PATHS if file == name]))
    with contextlib.suppress(yaml.representer.RepresenterError, UnicodeError):
        text = yaml.safe_dump(changed(PLAIN[name], path, change, odd, elsewhere), allow_unicode=True)
        imported(text, tmp_path_factory.mktemp("any"))


NAMES = st.text(st.sampled_from("abzAZ019_-. ßé/\"'${}\n"), min_size=1, max_size=45)


@QUICK
@given(
    names=st.lists(NAMES, min_size=1, max_size=5, unique=True),
    edges=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from(["depends_on", "links", "URL"]))),
    published=st.sets(st.integers(0, 4)),
)
def test_any_names_and_any_circle_of_dependencies(names, edges, published, tmp_path_factory) -> None:
    services: dict[str, dict] = {name: {"image": "x"} for name in names}
    for caller, called, how in edges:
        one, other = services[names[caller % len(names)]], names[called % len(names)]
        if how == "URL":
            one.setdefault("environment", {})[f"A{called}_URL"] = f"http://{other}:80/"
        else:
            one.setdefault(how, []).append(other)
    for number in published:
        services[names[number % len(names)]]["ports"] = ["80:80"]
    imported(yaml.safe_dump({"services": services}), tmp_path_factory.mktemp("any"))


HIDDEN = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12).map(
    lambda text: f"{text}LEAK{text}"
)
HOLDERS = st.sampled_from(
    ["DB_PASSWORD", "PGPASSWORD", "API_KEY", "app.secret", "AWS_SECRET_ACCESS_KEY", "JWT_SECRET_KEY", "Auth__Token",
     "GITHUB_PAT", "SENTRY_DSN", "SMTP_PASS", "STRIPE_SECRET", "NEO4J_AUTH", "ENCRYPTION_KEY", "COOKIE"]
)  # fmt: skip
AROUND = st.sampled_from(["{}", "postgres://me:{}@db:5432/x", "amqp://u:{}@far.example.com", "Server=x;Password={};"])


@QUICK
@given(holder=HOLDERS, around=AROUND, hidden=HIDDEN, listed=st.booleans())
def test_a_secret_never_leaves_the_file(holder, around, hidden, listed, tmp_path_factory) -> None:
    value = around.format(hidden).replace("$", "$$")
    environment = [f"{holder}={value}"] if listed else {holder: value}
    services = {"web": {"image": "w", "environment": environment, "command": ["run", "--token", value]}}
    services["db"] = {"image": "postgres", "environment": environment}
    services["kept"] = {"image": "mongo", "environment": environment}
    path = tmp_path_factory.mktemp("any") / "compose.yaml"
    path.write_text(yaml.safe_dump({"services": services}, allow_unicode=True))
    found = import_files([path])
    assert "LEAK" not in found.text and "LEAK" not in "".join(map(str, found.remarks))
