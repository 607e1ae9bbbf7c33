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


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just({}), st.just([]),
    st.sampled_from([
        "NaN", ".nan", ".inf", "-1 rps", "0", "1e400 rps", "1e308 PiB/day", "9" * 5000, 10**400, "100%", "1 parsec",
        "a\nb", "${HOME}", "../../etc", "'; drop", 'a"b', "\x00", "\ud800", "web", "api", "orders", "sessions", "1,5 s",
        "yes", "2026-01-01", ["web"], [["web"]], {"to": "web"}, {"web": {"image": "x"}}, "postgres", "x" * 600,
    ]),
)  # fmt: skip


def places_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, child in inside for found in places_of(child, (*path, key)))]


PATHS = [path for path in places_of(PLAIN) if path]
CHANGES = st.sampled_from(["value", "key", "remove", "add", "copy"])


def changed(plain: Any, path: tuple[Any, ...], change: str, odd: Any, other: tuple[Any, ...]) -> Any:
    """The spec with one thing changed at `path`."""

    def copy(value: Any, at: tuple[Any, ...]) -> Any:
        if isinstance(value, list):
            return [step(value, key, at) for key in range(len(value)) if keeps((*at, key))]
        if not isinstance(value, dict):
            return value
        found = {name(key, (*at, key)): step(value, key, at) for key in value if keeps((*at, key))}
        return {**found, str(odd)[:20]: odd} if change == "add" and at == path[:-1] else found

    def keeps(at: tuple[Any, ...]) -> bool:
        return not (change == "remove" and at == path)

    def name(key: Any, at: tuple[Any, ...]) -> Any:
        return str(odd)[:40] if change == "key" and at == path else key

    def step(value: Any, key: Any, at: tuple[Any, ...]) -> Any:
        here = (*at, key)
        if here != path or change not in ("value", "copy"):
            return copy(value[key], here)
        if change == "value":
            return odd
        found = PLAIN
        for one in other:
            found = found[one]
        return found

    return copy(plain, ())


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
