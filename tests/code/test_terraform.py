"""The Terraform of whole plans, judged by the real program with the real AWS provider, and read as text."""

from __future__ import annotations

import json
import re
import subprocess
from functools import lru_cache
from pathlib import Path

import hcl2
import pytest

from standfast.blueprint import Blueprint, make_blueprint, make_blueprints
from standfast.code import write_code
from standfast.files import File, write_files
from standfast.plan import make_plan
from standfast.problem import Problems
from standfast.programs import terraform_environment
from standfast.spec import read_spec
from tests.blueprint.shapes import contained, everything
from tests.programs import need, need_aws_provider
from tests.providers import stub
from tests.shop import EXAMPLES, shop_plan

PLANS = {
    "shop": shop_plan(),
    "everything": everything(motto="'%{if} ${x} $${y} \"quoted\" \\ ☃ %n'", owner="'${owner} \"x\" \\ %{y}'"),
    "containers": contained(motto="'%{if} ${x} \"quoted\" \\ ☃\nline'"),
    "private": everything(exposure="private", system="a-system-with-a-very-long-name-x"),
}


SPECS = sorted(EXAMPLES.glob("*.yaml"))


@lru_cache
def example(path: Path) -> tuple[Blueprint, ...]:
    """The sites of an example as the real planner plans it."""
    return make_blueprints(make_plan(read_spec(path), margins=False))


def files_of(name: str) -> dict[str, str]:
    return {file.path: file.text for file in write_code(make_blueprint(PLANS[name]))}


@pytest.fixture(scope="module")
def shop() -> dict[str, str]:
    return files_of("shop")


def terraform(folder: Path, *words: str, fails: bool = False) -> str:
    program = need("terraform", "Terraform")
    done = subprocess.run(
        [program, *words], cwd=folder, env=terraform_environment(folder.parent), capture_output=True, text=True
    )
    assert fails or done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.real
@pytest.mark.parametrize("name", PLANS)
def test_layout_is_what_fmt_would_leave(name: str, tmp_path: Path) -> None:
    write_files(write_code(make_blueprint(PLANS[name])), tmp_path)
    assert terraform(tmp_path, "fmt", "-check", "-diff", "-recursive", "-no-color") == ""
    (tmp_path / "terraform.tfvars").write_text((tmp_path / "terraform.tfvars.example").read_text())
    assert terraform(tmp_path, "fmt", "-check", "-diff", "-no-color", "terraform.tfvars") == ""


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("name", ["everything", "containers", "private"])
def test_the_real_provider_has_nothing_to_say(name: str, tmp_path: Path) -> None:
    """Valid, and not one warning: nothing that is deprecated."""
    need_aws_provider()
    code = tmp_path / "code"
    write_files(write_code(make_blueprint(PLANS[name])), code)
    terraform(code, "init", "-backend=false", "-input=false", "-no-color")
    told = json.loads(terraform(code, "validate", "-json", fails=True))
    assert told["diagnostics"] == []


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_example_is_clean(path: Path, tmp_path: Path) -> None:
    if any(site.cloud != "aws" for site in example(path)):  # no provider at hand: its stub has nothing to say either
        for number, site in enumerate(example(path)):
            assert stub.refused(write_code(site), tmp_path / str(number)) == []
        return
    need_aws_provider()
    code = tmp_path / "code"
    for blueprint in example(path):
        site = code / (blueprint.site or "first")
        write_files(write_code(blueprint), site)
        assert terraform(site, "fmt", "-check", "-diff", "-no-color") == ""
        terraform(site, "init", "-backend=false", "-input=false", "-no-color")
        assert json.loads(terraform(site, "validate", "-json", fails=True))["diagnostics"] == []


@pytest.mark.parametrize("name", PLANS)
def test_python_reads_it_back(name: str) -> None:
    """A second reader of HCL finds the same resources, with the same names in them."""
    blueprint = make_blueprint(PLANS[name])
    found, tags = set(), {}
    for file in write_code(blueprint):
        if file.path.endswith(".tf"):
            read = hcl2.loads(file.text)
            for word, prefix in (("resource", ""), ("data", "data.")):
                for one in read.get(word, []):
                    for kind, named in one.items():
                        for label, body in named.items():
                            address = f"{prefix}{kind}.{label}".replace('"', "")
                            found.add(address)
                            tags[address] = body.get("tags", {})
    assert found == {one.address for one in blueprint.resources}
    for one in blueprint.resources:
        own = one.settings.get("tags", {})
        assert {key: value.strip('"') for key, value in tags[one.address].items()} == own


def test_concerns_have_files_of_their_own(shop: dict[str, str]) -> None:
    assert sorted(shop) == [
        ".gitignore", "README.md", "backend.tf", "backup.tf", "compute.tf", "data.tf", "edge.tf", "firewall.tf",
        "identity.tf", "keys.tf", "network.tf", "observability.tf", "outputs.tf", "providers.tf",
        "terraform.tfvars.example", "variables.tf", "versions.tf",
    ]  # fmt: skip
    assert 'resource "aws_db_instance" "orders"' in shop["data.tf"]
    assert 'backend "s3" {}' in shop["backend.tf"] and 'key          = "shop/terraform.tfstate"' in shop["backend.tf"]


def test_comments_say_why_and_name_the_line(shop: dict[str, str]) -> None:
    assert (
        "# orders in postgres on two machines in two zones, db.r6g.xlarge: for the test. (shop.yaml:26)\n"
        in shop["data.tf"]
    )
    assert "# Only requests for a name of ours go on to a service. (shop.yaml" in shop["edge.tf"]


def test_a_comment_cannot_be_left() -> None:
    """What the user wrote may stand in a comment: it must not end the line."""
    from standfast.code.terraform.layout import comment

    assert comment('x\nresource "a" "b" {}\r\u2028y') == ['# x resource "a" "b" {}  y']


def test_no_file_holds_a_secret_or_a_place_of_this_machine(shop: dict[str, str]) -> None:
    text = "".join(shop.values())
    assert not re.search(r"AKIA|BEGIN [A-Z ]*PRIVATE|password\s*=\s*\"", text)
    assert "/tmp" not in text and str(Path.home()) not in text
    assert "sessions_token = " not in shop["terraform.tfvars.example"]
    assert "sensitive   = true" in shop["variables.tf"]


def test_the_readme_tells_what_to_do(shop: dict[str, str]) -> None:
    readme = shop["README.md"]
    assert "terraform init -backend-config=backend.hcl" in readme and "`sessions_token`" in readme
    assert "**api**: `PORT`, `ORDERS_HOST`" in readme and "secret: `ORDERS_USER`" in readme
    assert "`odd/API_KEY`" in files_of("everything")["README.md"]


def test_the_same_plan_gives_the_same_bytes(shop: dict[str, str]) -> None:
    assert files_of("shop") == shop


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(Problems, match="no code is written in 'cobol'"):
        write_code(make_blueprint(shop_plan()), "cobol")


def test_files_are_files() -> None:
    assert all(isinstance(one, File) and one.text.endswith("\n") for one in write_code(make_blueprint(shop_plan())))
