"""The committed schemas are what the pinned wheels say, and the reading of wheels agrees with a real provider."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from standfast.programs import terraform_environment
from tests.blueprint.shapes import everything
from tests.programs import lacking, need, need_aws_provider
from tests.providers import stub

SCRIPTS = Path(__file__).parent.parent.parent / "scripts"


@pytest.fixture(scope="module")
def regen() -> Iterator[ModuleType]:
    sys.path.insert(0, str(SCRIPTS))
    import regen_providers

    if not regen_providers.WHEELS.exists():
        lacking("the wheels of provider schemas are not there: run scripts/tools")
    yield regen_providers
    sys.path.remove(str(SCRIPTS))


@pytest.mark.real
@pytest.mark.parametrize("provider", stub.providers())
def test_committed_is_what_the_wheel_says(provider: str, regen: ModuleType) -> None:
    committed = (regen.SCHEMAS / f"{provider}.json").read_text(encoding="utf-8")
    assert regen.document(provider, regen.known(provider)) == committed, "run scripts/regen_providers.py"


@pytest.mark.real
def test_the_reading_agrees_with_the_real_aws_provider(regen: ModuleType, tmp_path: Path) -> None:
    """Every attribute and block of the types that are written for AWS: there, required or not, of its type, nested."""
    kinds = sorted(_used_on_aws())
    real, ours = _real_aws(tmp_path), regen.extract(regen.wheel("cdktf-cdktf-provider-aws"), kinds)
    found = [one for kind in kinds for one in _differences(real[kind]["block"], ours[kind], kind)]
    seen = sum(_size(ours[kind]) for kind in kinds)
    assert len(kinds) > 50 and seen > 1000, (len(kinds), seen)
    # a statement of the web firewall holds statements: three levels deep in the provider, not followed here
    assert [one for one in found if not one.startswith("aws_wafv2_web_acl.rule.statement")] == []


def _used_on_aws() -> set[str]:
    from standfast.blueprint import make_blueprint

    return {one.kind for one in make_blueprint(everything()).resources if not one.data}


def _real_aws(folder: Path) -> dict[str, Any]:
    need_aws_provider()
    root = folder / "root"
    root.mkdir()
    asked = {"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5.100.0"}}}}
    (root / "main.tf.json").write_text(json.dumps(asked))
    told = ""
    for words in (["init"], ["providers", "schema", "-json"]):
        command, environment = [need("terraform", "Terraform"), *words], terraform_environment(folder)
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        told = done.stdout
    return next(iter(json.loads(told)["provider_schemas"].values()))["resource_schemas"]


def _differences(real: dict[str, Any], ours: dict[str, Any], path: str) -> Iterator[str]:
    """What the wheel tells differently. `real` as `terraform providers schema` tells it."""
    for name, one in real.get("attributes", {}).items():
        where, mine = f"{path}.{name}", ours.get(name)
        if not isinstance(mine, list):
            yield f"{where} is missing"
            continue
        if bool(one.get("required")) != mine[0].startswith("required"):
            yield f"{where} required: {one.get('required')}, here {mine[0]}"
        if bool(one.get("required") or one.get("optional")) != (mine[0] != "computed"):
            yield f"{where} may be set: {one}, here {mine[0]}"
        if "nested_type" not in one and one["type"] != mine[1]:
            yield f"{where} is {one['type']}, here {mine[1]}"
    for name, one in real.get("block_types", {}).items():
        where, mine = f"{path}.{name}", ours.get(name)
        if not isinstance(mine, dict):
            yield f"{where} is missing"
            continue
        if one["nesting_mode"] != mine["nesting"]:
            yield f"{where} nests as {one['nesting_mode']}, here {mine['nesting']}"
        if bool(one.get("min_items")) != bool(mine["min"]) or (one.get("max_items") == 1) != (mine["max"] == 1):
            yield f"{where} {one.get('min_items')} to {one.get('max_items')}, here {mine['min']} to {mine['max']}"
        yield from _differences(one["block"], mine["block"], where)


def _size(schema: dict[str, Any]) -> int:
    return sum(1 if isinstance(one, list) else 1 + _size(one["block"]) for one in schema.values())
