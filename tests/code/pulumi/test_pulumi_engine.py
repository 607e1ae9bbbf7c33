"""Programs through `pulumi.automation`, unmodified, against a stand-in for the engine: what it is not, it says."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from standfast.code.pulumi import CLOUDS
from tests.code.pulumi import programs
from tests.code.pulumi.blueprints import small

CHANGE = {
    "aws": ["compute.py", "min_size=1", "min_size=2"],
    "gcp": ["network.py", "10.0.0.0/24", "10.0.1.0/24"],
    "azure": ["network.py", "10.0.0.0/24", "10.0.1.0/24"],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose bin/pulumi is the stand-in."""
    folder = tmp_path_factory.mktemp("home")
    program = folder / "bin/pulumi"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{programs.need_sdks()}" "{programs.HERE / "engine.py"}" "$@"\n')
    program.chmod(0o755)
    return folder


def life(program: Path, home: Path, config: dict[str, str], change: list[str]) -> Any:
    given = json.dumps({"config": config, "change": change})
    words = [programs.need_sdks(), str(programs.HERE / "automated.py"), str(program), str(home)]
    done = subprocess.run(words, input=given, capture_output=True, text=True, env=programs.environment())
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


@pytest.mark.real
@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_whole_life(cloud: str, home: Path, tmp_path: Path) -> None:
    blueprint = small(cloud)
    program = programs.write_program(blueprint, tmp_path / cloud)
    data = program / "data.py"
    data.write_text(re.sub(r"protect=True,\s*", "", data.read_text()))  # a life has an end
    told = life(program, home, programs.settings(blueprint), CHANGE[cloud])
    assert isinstance(told, dict), told
    count = len(blueprint.resources) + 1  # and its provider
    assert told["preview"] == told["up"] == {"create": count}
    assert told["again"] == {"same": count}
    assert told["changed"] == {"same": count - 1, "update": 1}
    assert told["destroy"] == "succeeded"
    assert json.loads((program / ".stand-in.test.json").read_text())["stands"] == {}
    assert set(told["outputs"]) == {"network"}


@pytest.mark.real
def test_what_is_protected_is_not_destroyed(home: Path, tmp_path: Path) -> None:
    program = programs.write_program(small("aws"), tmp_path / "aws")
    told = life(program, home, programs.settings(small("aws")), [])
    assert "protected: urn:pulumi:test::small::aws:rds/instance:Instance::d" in told
    kept = json.loads((program / ".stand-in.test.json").read_text())["stands"]
    options = kept["urn:pulumi:test::small::aws:rds/instance:Instance::d"]["options"]
    assert options["protect"] and options["ignore_changes"] == ["allocatedStorage"] and options["provider"] == ["main"]
    needs = kept["urn:pulumi:test::small::aws:autoscaling/group:Group::g"]["needs"]
    assert "urn:pulumi:test::small::aws:ec2/subnet:Subnet::a" in needs


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "text", "instead", "said"),
    [
        ("compute.py", "http_tokens=", "http_token=", "unexpected keyword argument"),
        ("network.py", "opts=pulumi.ResourceOptions(provider=providers.main)", "opts=None", "names no provider"),
    ],
)
def test_what_is_wrong_fails_the_preview(
    file: str, text: str, instead: str, said: str, home: Path, tmp_path: Path
) -> None:
    program = programs.write_program(small("aws"), tmp_path / "aws")
    path = program / file
    path.write_text(path.read_text().replace(text, instead, 1))
    told = life(program, home, programs.settings(small("aws")), [])
    assert "code: 255" in told and said in told
