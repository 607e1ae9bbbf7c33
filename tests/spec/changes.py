"""Sound YAML with one thing changed: a value of another type, another name, something gone, added or copied."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just({}), st.just([]),
    st.sampled_from([
        "NaN", ".nan", ".inf", "-1 rps", "0", "1e400 rps", "1e308 PiB/day", "9" * 5000, 10**400, "100%", "1 parsec",
        "a\nb", "${HOME}", "${A:-${B:-${C}}}", "$", "${", "../../etc", "'; drop", 'a"b', "\x00", "\ud800", "web", "api",
        "orders", "sessions", "1,5 s", "yes", "2026-01-01", ["web"], [["web"]], {"to": "web"}, {"web": {"image": "x"}},
        "postgres", "x" * 600, {"a": {"b": {"c": None}}}, [{}, None, 1.5, [True]], "80:80:80", "db", "\ue0f0A\ue0f1",
    ]),
)  # fmt: skip
CHANGES = st.sampled_from(["value", "key", "remove", "add", "copy"])


def places_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside, the root last of all left out."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [found for key, child in inside for found in places_of(child, (*path, key))]
    return [path, *below] if path else below


def changed(plain: Any, path: tuple[Any, ...], change: str, odd: Any, other: tuple[Any, ...]) -> Any:
    """`plain` with one thing changed at `path`; `copy` puts what stands at `other` there."""

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
        found = plain
        for one in other:
            found = found[one]
        return found

    return copy(plain, ())
