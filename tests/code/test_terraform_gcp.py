"""The Terraform of whole plans on Google Cloud: laid out as fmt would, and taken through its life with the stub."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from standfast.blueprint import Blueprint, make_blueprints
from standfast.code import write_code
from standfast.files import File, write_files
from standfast.plan import Plan
from tests.blueprint.google import THERE, behind, everything, small, with_replicas
from tests.programs import need
from tests.providers import stub

pytestmark = pytest.mark.real

HOSTILE = "'%{if} ${x} $${y} \"quoted\" \\ ☃ %n'"
PLANS: dict[str, Plan] = {
    "servers": small(),
    "containers": with_replicas(small("container"), 2),
    "cluster": small("kubernetes"),
    "everything": everything(
        motto=HOSTILE, owner="'${owner} \"x\" \\ %{y}'", system="a-system-with-a-very-long-name-x"
    ),
    "private": everything(exposure="private"),
    **{design: behind(design) for design in THERE},
}
SITES = [(name, number) for name, plan in PLANS.items() for number in range(2 if plan.standby else 1)]
LIVES = [
    ("servers", 0),
    ("containers", 0),
    ("cluster", 0),
    *((design, 1) for design in THERE if design != "active-active"),
]
GIVEN = "Given-1234567890-abcdefghijklmnopqrstuvwxyz"
# what is written instead of a right line of the servers -> what must be said about it
FAULTS = {
    "a wrong name": ("  routing_mode ", "  routing_kind ", 'argument named "routing_kind" is not expected'),
    "a value that the API has not": ('"PROACTIVE"', '"EAGER"', "to be one of ['OPPORTUNISTIC', 'PROACTIVE']"),
    "a scheme that the API has not": ('"INTERNAL_MANAGED"', '"INSIDE"', "expected load_balancing_scheme to be one of"),
    "a version that is not sold": ('"POSTGRES_18"', '"POSTGRES_99"', "expected database_version to be one of"),
    "a design that is not sold": ('"STANDARD_HA"', '"MULTI_AZ"', "expected tier to be one of ['BASIC', 'STANDARD_HA']"),
    "no TLS by a wrong word": ('"ENCRYPTED_ONLY"', '"REQUIRED"', "expected settings.ip_configuration.ssl_mode"),
    "old TLS by a wrong word": ('"TLS_1_2"', '"TLSv1.2"', "expected min_tls_version to be one of"),
    "a purpose of a key": ('"ENCRYPT_DECRYPT"', '"ENCRYPT"', "expected purpose to be one of"),
    "a name in capitals": ('"shop-app"', '"Shop_App"', "expected name to match [a-z]"),
    "an account's name too short": (
        '"shop-web"\n  display_name',
        '"web"\n  display_name',
        "expected account_id to match",
    ),
    "a service's address": ('"redis.googleapis.com"', '"redis"', "expected service to match"),
    "a class of storage": ('"STANDARD"', '"HOT"', "expected storage_class to be one of"),
}


def blueprint(name: str, number: int) -> Blueprint:
    return make_blueprints(PLANS[name])[number]


@pytest.mark.parametrize(("name", "number"), SITES)
def test_layout_is_what_fmt_would_leave(name: str, number: int, tmp_path: Path) -> None:
    write_files(write_code(blueprint(name, number)), tmp_path)
    command = [need("terraform", "Terraform"), "fmt", "-check", "-diff", "-recursive", "-no-color", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), LIVES)
def test_it_is_made_stays_and_is_taken_down(name: str, number: int, tmp_path: Path) -> None:
    plan = blueprint(name, number)
    life = stub.run(write_code(plan), tmp_path, {one.name: GIVEN for one in plan.variables if one.secret})
    made = sum(not one.data for one in plan.resources)
    assert f"{made} destroyed" in life.destroyed
    assert set(life.outputs) == {one.name for one in plan.outputs}
    assert all(one["labels"]["spec"].startswith("odd-yaml-") for one in life.resources("google_storage_bucket"))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), [("everything", 0), ("private", 0), ("active-active", 1)])
def test_validate_has_nothing_to_say(name: str, number: int, tmp_path: Path) -> None:
    assert stub.refused(write_code(blueprint(name, number)), tmp_path) == []


@pytest.fixture(scope="module")
def servers() -> list[File]:
    return write_code(blueprint("servers", 0))


@pytest.mark.slow
def test_faults_are_refused(servers: list[File], tmp_path: Path) -> None:
    """Several at once, in as few runs as it takes: what depends on something refused is not looked at."""
    left = dict(FAULTS)
    for run in range(len(FAULTS)):
        files = servers
        for right, wrong, _ in left.values():
            broken = [File(one.path, one.text.replace(right, wrong)) for one in files]
            assert broken != files, right
            files = broken
        texts = stub.refused(files, tmp_path / str(run))
        found = {fault for fault, (*_, said) in left.items() if any(said in text for text in texts)}
        left = {fault: one for fault, one in left.items() if fault not in found}
        if not left or not found:
            break
    assert not left, texts


# The table of values


@pytest.fixture(scope="module")
def regen() -> Iterator[ModuleType]:
    sys.path.insert(0, str(Path(__file__).parent.parent.parent / "scripts"))
    import regen_google_values

    if not regen_google_values.wheel(regen_google_values.PACKAGE).exists():
        need("scripts/tools", "the wheel that Google's API is described in")
    yield regen_google_values
    sys.path.pop(0)


def test_the_table_is_what_google_says(regen: ModuleType) -> None:
    assert regen.document() == regen.VALUES.read_text(encoding="utf-8"), "run scripts/regen_google_values.py"


def test_the_table_knows_what_is_written(regen: ModuleType) -> None:
    """Every word in capitals that the blueprints say for Google is one that is held against the table."""
    rows = [line.split(",") for line in regen.VALUES.read_text(encoding="utf-8").splitlines()[1:]]
    known = {(row[0], row[1].split(".")[-1]) for row in rows}
    unknown = set()
    for name, number in SITES:
        for one in blueprint(name, number).resources:
            for key, value in _words(one.settings):
                if key != "name" and (one.kind, key) not in known:  # the names of variables are ours
                    unknown.add(f"{one.kind.removeprefix('google_')}.{key}={value}")
    assert not unknown


def _words(value: object) -> Iterator[tuple[str, str]]:
    from tests.blueprint.test_gcp import settings

    for key, one in settings([dict(value) if isinstance(value, dict) else value]):
        for word in one if isinstance(one, list) else [one]:
            if isinstance(word, str) and re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", word):
                yield key, word
