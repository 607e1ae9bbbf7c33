"""States by their parts: the same as read whole, in little memory; what breaks off has a place, and secrets stay."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfast.audit.sources import parts as room
from standfast.audit.sources.folder import read_path
from standfast.audit.sources.parts import Cut, parts
from standfast.audit.sources.state import resources_of
from standfast.cli import run
from standfast.problem import Problems

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ANY = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text().filter(lambda key: key != "values"), ANY, max_size=4), st.lists(ANY, max_size=4),
       st.integers(1, 9), st.sampled_from([None, 1]))  # fmt: skip
def test_the_parts_are_those_of_the_whole(others: dict[str, Any], members: list[Any], size: int, indent: Any) -> None:
    others = {key: one for key, one in others.items() if key not in ("resources", "child_modules")}
    text = json.dumps({**others, "resources": members}, indent=indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "CHUNK", size)
        seen = list(parts(io.StringIO(text)))
    expected = [((key,), one) for key, one in json.loads(text).items() if key != "resources"]
    assert seen == [*expected, *((("resources",), one) for one in json.loads(text)["resources"])]


STATE = {
    "version": 4, "terraform_version": "1.11.4", "serial": 3,
    "outputs": {"p": {"value": "hunter2", "sensitive": True}},
    "resources": [
        {"mode": "managed", "type": "aws_db_instance", "name": name, "module": "module.m", "instances": [
            {"index_key": "a", "attributes": {"id": name, "password": "hunter2", "engine": "postgres"},
             "sensitive_attributes": [[{"type": "get_attr", "value": "engine"}]]}]}
        for name in ("one", "two")
    ],
}  # fmt: skip
SHOWN = {
    "format_version": "1.0", "terraform_version": "1.11.4",
    "values": {"root_module": {
        "resources": [{"address": "aws_vpc.v", "mode": "managed", "type": "aws_vpc", "name": "v",
                       "values": {"id": "1"}}],
        "child_modules": [{"address": "module.a", "child_modules": [{"address": "module.a.module.b[0]", "resources": [
            {"address": 'module.a.module.b[0].data.aws_vpc.w["x.y"]', "mode": "data", "type": "aws_vpc", "name": "w",
             "index": "x.y", "values": {"id": "2"}}]}]}]}},
}  # fmt: skip


@pytest.mark.parametrize("document", [STATE, SHOWN])
def test_a_state_is_the_same_by_its_parts(tmp_path: Path, document: Any) -> None:
    path = tmp_path / "terraform.tfstate"
    path.write_text(json.dumps(document))
    (found,) = read_path(path)
    assert list(found.resources) == resources_of(document) and found.resources and not found.problems
    assert "hunter2" not in repr(found)


def test_wherever_it_breaks_off_there_is_a_place(tmp_path: Path) -> None:
    text = json.dumps(STATE, indent=1)
    path = tmp_path / "terraform.tfstate"
    for end in range(1, len(text), 41):
        path.write_text(text[:end])
        (found,) = read_path(tmp_path)
        (problem,) = found.problems
        assert (problem.place.line, problem.place.column) >= (1, 1) and not problem.warning
        assert problem.place.line <= text[:end].count("\n") + 1
        assert "hunter2" not in f"{problem}{found!r}"
    path.write_text(text.replace('"serial": 3', '"serial": 3 3'))
    (found,) = read_path(tmp_path)
    assert found.problems[0].place.line == 4 and "here stands no ," in found.problems[0].what


def test_the_verb_audits_what_stands_before_the_break(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = json.dumps(STATE, indent=1)
    (tmp_path / "terraform.tfstate").write_text(text[: text.index('"two"')])
    assert run(["audit", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert "terraform.tfstate:39" in told.err and "1 resources stand before it" in told.err
    assert "module.m.aws_db_instance.one" in told.out and "hunter2" not in told.out + told.err


@pytest.mark.parametrize("text", ["[]", "7", '{"resources": [{"a": 1}]}', '{"name": "x"}', "{", "", '{"resources": 7}'])
def test_other_json_is_no_state(tmp_path: Path, text: str) -> None:
    (tmp_path / "package.json").write_text(text)
    with pytest.raises(Problems):
        read_path(tmp_path)


HOLDS = """
import resource, sys
from pathlib import Path
from standfast.audit.sources.folder import read_path
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
(found,) = read_path(Path(sys.argv[1]))
print(len(found.resources), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_large_state_is_not_held_whole(tmp_path: Path) -> None:
    """Read whole, the same file takes over three times its size (100 MB: 326 MB, and 174 by its parts)."""
    one = {"id": "x", "description": "x" * 900, "engine": "postgres", "tags": {"a": "b"}}
    kind = {"mode": "managed", "type": "aws_db_instance"}
    made = ({**kind, "name": f"d{number}", "instances": [{"attributes": one}]} for number in range(18_000))
    path = tmp_path / "large.tfstate"
    path.write_text('{"terraform_version": "1", "resources": [' + ",".join(map(json.dumps, made)) + "]}")
    told = subprocess.run([sys.executable, "-c", HOLDS, str(path)], capture_output=True, text=True, check=True).stdout
    count, kilobytes = map(int, told.split())
    assert count == 18_000
    assert kilobytes * 1024 < 2.5 * path.stat().st_size


def test_a_cut_is_told_in_words() -> None:
    with pytest.raises(Cut, match="ends in the middle"):
        list(parts(io.StringIO('{"a": ')))
