"""Takes the files of a root module through real Terraform, with a stand-in for the cloud's provider.

    life = run(write_code(blueprint), tmp_path)     # init, validate, plan, apply, plan again, destroy
    life.planned                                     # what `terraform show -json` says of the plan
    refused(files, tmp_path)                         # what `terraform validate` has against the files

The stub serves the schemas of `schemas/*.json` and knows the values of `values/*.csv`; docs/limits.md says what it
cannot know. A kind without a schema: scripts/regen_providers.py KIND.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from standfast.blueprint import Block
from standfast.files import File, write_files
from tests.programs import lacking, need

HERE = Path(__file__).parent
PYTHON = HERE.parent.parent / ".tools/provider/bin/python"
LOCAL = 'terraform {\n  backend "local" {}\n}\n'


@dataclass(frozen=True)
class Life:
    """What Terraform said of a root: its plan as JSON, the outputs of the apply, and the texts of each step."""

    planned: dict[str, Any]
    outputs: dict[str, Any]
    again: str
    destroyed: str

    def resources(self, kind: str) -> list[dict[str, Any]]:
        """The planned values of every resource of a kind."""
        root = self.planned["planned_values"]["root_module"]
        return [one["values"] for one in root.get("resources", []) if one["type"] == kind]


def run(files: Iterable[File], folder: Path, answers: Mapping[str, Any] | None = None) -> Life:
    """A root's whole life. `answers`: values of variables beside those of terraform.tfvars.example.

    Asserts that it is valid without a warning, that a second plan has nothing to do, and that all can be destroyed.
    """
    root, environment = _root(files, folder, answers or {})
    said = json.loads(_terraform(root, environment, "validate", "-json"))
    assert said["diagnostics"] == [], said["diagnostics"]
    _terraform(root, environment, "plan", "-out=all.tfplan")
    planned = json.loads(_terraform(root, environment, "show", "-json", "all.tfplan"))
    applied = _terraform(root, environment, "apply", "all.tfplan")
    assert "Apply complete!" in applied, applied
    outputs = json.loads(_terraform(root, environment, "output", "-json"))
    again = _terraform(root, environment, "plan")
    assert "No changes." in again, again
    _lift_protection(root)
    destroyed = _terraform(root, environment, "destroy", "-auto-approve", "-refresh=false")
    assert "Destroy complete!" in destroyed, destroyed
    return Life(planned, {name: one["value"] for name, one in outputs.items()}, again, destroyed)


def refused(files: Iterable[File], folder: Path) -> list[str]:
    """What Terraform and the stub have against a root, each as one text: summary, detail and the line it is about."""
    root, environment = _root(files, folder, {})
    said = json.loads(_terraform(root, environment, "validate", "-json", fails=True))
    return [
        f"{one['summary']} {one['detail']} {(one.get('snippet') or {}).get('code', '').strip()}"
        for one in said["diagnostics"]
    ]


def faults(
    schema: Mapping[str, Any], kind: str, settings: Mapping[str, Any], text: Callable[[Any], str], path: str = ""
) -> Iterator[str]:
    """What the schema and the tables of values have against a resource's settings, without Terraform: for many plans.

    `text`: a setting as text, "" where it is not known before it stands.
    """
    for name, value in settings.items():
        one, where = schema.get(name), f"{path}{name}"
        many = value if isinstance(value, (list, tuple)) else [value]
        nested = [item for item in many if isinstance(item, Block)]
        if one is None or (isinstance(one, list) and one[0] == "computed"):
            yield f"{where} is not expected"
        elif isinstance(one, dict):
            if value is not None and (len(nested) != len(many) or not many):  # an empty list is written as `= []`
                yield f"{where} is a block"
            if one["max"] and len(nested) > one["max"]:
                yield f"{where} more than {one['max']} times"
            for item in nested:
                yield from faults(one["block"], kind, item.settings, text, f"{where}.")
        elif nested:
            yield f"{where} is no block"
        else:
            yield from _refused(kind, where, many, text)
    for name, one in schema.items():
        needed = one["min"] if isinstance(one, dict) else one[0].startswith("required")
        if needed and settings.get(name) is None:
            yield f"{path}{name} is required"


def _refused(kind: str, where: str, values: Iterable[Any], text: Callable[[Any], str]) -> Iterator[str]:
    allowed, pattern = _tables(kind.removeprefix("data.").partition("_")[0]).get((kind, where), ("", ""))
    for value in values:
        said = str(value).lower() if isinstance(value, bool) else text(value)
        if said and allowed and said not in allowed.split("|"):
            yield f"{where} is {said}, not one of {allowed}"
        if said and pattern and not re.fullmatch(pattern, said):
            yield f"{where} is {said}, and does not match {pattern}"


@cache
def _tables(provider: str) -> dict[tuple[str, str], tuple[str, str]]:
    lines = (HERE / f"values/{provider}.csv").read_text(encoding="utf-8").splitlines()
    return {(row["kind"], row["attribute"]): (row["values"], row["pattern"]) for row in csv.DictReader(lines)}


@cache
def schemas(provider: str) -> dict[str, Any]:
    """The committed schemas of a provider: kind -> its attributes and blocks."""
    return json.loads((HERE / f"schemas/{provider}.json").read_text(encoding="utf-8"))["kinds"]


def providers() -> list[str]:
    return sorted(path.stem for path in (HERE / "schemas").glob("*.json"))


def _root(files: Iterable[File], folder: Path, answers: Mapping[str, Any]) -> tuple[Path, dict[str, str]]:
    root, files = folder / "root", list(files)
    write_files(files, root)
    (root / "backend_override.tf").write_text(LOCAL)
    for file in files:
        if file.path == "terraform.tfvars.example":
            (root / "terraform.tfvars").write_text(file.text)
    (root / "answers.auto.tfvars.json").write_text(json.dumps(answers))
    environment = _environment(folder)
    _terraform(root, environment, "init")
    return root, environment


def _lift_protection(root: Path) -> None:
    """What Terraform itself keeps from being destroyed may go now; the README says how a user lifts it."""
    for path in root.glob("*.tf"):
        path.write_text(re.sub(r"(prevent_destroy\s*=) true", r"\1 false", path.read_text(encoding="utf-8")))


def _terraform(root: Path, environment: dict[str, str], *words: str, fails: bool = False) -> str:
    command = [need("terraform", "Terraform"), *words, *([] if "-json" in words else ["-no-color"])]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=300)
    assert fails or done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    """Terraform's environment with a mirror that holds the stub under each provider's name and version."""
    if not PYTHON.exists():
        lacking("the provider stub has no environment: run scripts/tools")
    mirror = folder / "mirror"
    for provider in providers():
        _install(mirror, provider)
    configuration = folder / "stub.tfrc"
    configuration.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return {
        **kept,
        "TF_CLI_CONFIG_FILE": str(configuration),
        "TF_DISABLE_PLUGIN_TLS": "1",
        "TF_INPUT": "0",
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }


def _install(mirror: Path, provider: str) -> None:
    version = _head(provider)["version"]
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    namespace = _head(provider).get("namespace", "hashicorp")
    place = mirror / f"registry.terraform.io/{namespace}/{provider}/{version}/{platform.system().lower()}_{machine}"
    place.mkdir(parents=True, exist_ok=True)
    program = place / f"terraform-provider-{provider}_v{version}"
    words = (PYTHON, HERE / "plugin.py", HERE / f"schemas/{provider}.json", HERE / f"values/{provider}.csv")
    program.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in words) + "\n")
    program.chmod(0o755)


@cache
def _head(provider: str) -> dict[str, Any]:
    return json.loads((HERE / f"schemas/{provider}.json").read_text(encoding="utf-8"))
