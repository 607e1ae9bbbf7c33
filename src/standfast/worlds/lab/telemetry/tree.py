"""One trace as a tree: who called whom, when, and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from standfast.worlds.lab.telemetry.store import Span


def tree(spans: Sequence[Span]) -> Iterator[tuple[int, Span]]:
    """(depth, span) from the root on, callees in the order of their begin. A span whose parent is unknown is a root;
    what names itself among its parents is told once, at the end."""
    ids = {one.span for one in spans}
    below: dict[str, list[Span]] = {}
    for one in sorted(spans, key=lambda each: each.begin):
        below.setdefault(one.parent if one.parent in ids else "", []).append(one)
    told: set[str] = set()

    def walk(one: Span, depth: int) -> Iterator[tuple[int, Span]]:
        if one.span in told:
            return
        told.add(one.span)
        yield depth, one
        for each in below.get(one.span, ()):
            yield from walk(each, depth + 1)

    for root in below.get("", ()):
        yield from walk(root, 0)
    for one in spans:
        yield from walk(one, 0)


def as_text(spans: Sequence[Span]) -> list[str]:
    """One line for each span: when it began after the first, how long it took, who, what."""
    if not spans:
        return []
    first = min(one.begin for one in spans)
    return [
        f"{(one.begin - first) * 1000:8.1f} ms  {one.took * 1000:8.1f} ms  {'failed' if one.failed else '':6}  "
        f"{'  ' * depth}{one.service}  {_said(one)}"
        for depth, one in tree(spans)
    ]


def _said(one: Span) -> str:
    path, status = one.attributes.get("url.path", ""), one.attributes.get("http.response.status_code", "")
    return " ".join(filter(None, (one.name, path, status)))
