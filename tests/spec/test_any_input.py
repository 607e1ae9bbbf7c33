"""Whatever is fed to the reader: a System, or Problems that say where and what to do. Never anything else."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfast.problem import Problem, Problems
from standfast.spec import System, parse_spec, read_spec
from tests.shop import EXAMPLES
from tests.spec.changes import CHANGES, ODD, changed, places_of

SHOP = (EXAMPLES / "shop.yaml").read_text()
EVERYTHING = (Path(__file__).parent / "data" / "everything.yaml").read_text()
PLAIN = yaml.safe_load(EVERYTHING)
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def judged(problems: tuple[Problem, ...], text: str, name: str) -> None:
    """Every problem is one line of print, stands inside the file, and says what to do."""
    lines = len(BREAKS.findall(text)) + 1
    assert problems
    for one in problems:
        assert one.place.file == name and 0 <= one.place.line <= lines and one.place.column >= 0, one
        assert one.what and one.what.isprintable() and one.why.isprintable() and one.fix.isprintable(), one
        assert len(str(one)) < 1500, one
        assert one.fix, f"no remedy: {one}"


def fed(text: str) -> System | None:
    try:
        system = parse_spec(text, "x.yaml")
    except Problems as problems:
        judged(problems.problems, text, "x.yaml")
        return None
    assert isinstance(system, System)
    return system


WORDS = st.sampled_from(
    ["system", "services", "stores", "promises", "calls", "image", "public", "kind", "<<", "*a", "&a", "!!int", "~"]
)
# Not only wild text: what is nearly YAML finds more than what is no YAML at all.
NEARLY = st.lists(st.one_of(WORDS, st.sampled_from(list(":-[]{},#|>'\"\n\t &*!%@")), st.text(max_size=5))).map("".join)


@QUICK
@given(st.one_of(st.text(), NEARLY, st.text(alphabet=st.characters(codec=None))))
def test_any_text(text: str) -> None:
    fed(text)


@QUICK
@given(
    content=st.one_of(st.binary(), NEARLY.map(lambda text: text.encode("utf-8", "replace")), st.text().map(str.encode))
)
def test_any_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "x.yaml"
    path.write_bytes(content)
    try:
        assert isinstance(read_spec(path), System)
    except Problems as problems:
        judged(problems.problems, content.decode("utf-8", "replace"), "x.yaml")


PATHS = places_of(PLAIN)


@settings(QUICK, max_examples=300)
@given(path=st.sampled_from(PATHS), change=CHANGES, odd=ODD, other=st.sampled_from(PATHS))
def test_any_change_of_a_sound_spec(path: tuple[Any, ...], change: str, odd: Any, other: tuple[Any, ...]) -> None:
    with contextlib.suppress(yaml.representer.RepresenterError, UnicodeError):
        fed(yaml.safe_dump(changed(PLAIN, path, change, odd, other), allow_unicode=True))


@settings(QUICK, max_examples=200)
@given(st.integers(0, len(EVERYTHING)), st.integers(0, 12), st.one_of(NEARLY, st.text(max_size=6)))
def test_any_edit_of_the_text(start: int, length: int, text: str) -> None:
    fed(EVERYTHING[:start] + text + EVERYTHING[start + length :])


def test_the_example_itself_is_sound() -> None:
    assert fed(SHOP) and fed(EVERYTHING)
