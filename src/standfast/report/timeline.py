"""A drill's timeline as a picture: one bar per step on a common axis of seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[float, float, str, str]  # from, to (seconds), label, kind
WIDTH, LEFT, ROW, TOP = 820, 230, 26, 8


@dataclass(frozen=True)
class Bar:
    x: float
    y: int
    width: float
    label: str
    kind: str
    seconds: str


@dataclass(frozen=True)
class Timeline:
    width: int
    height: int
    left: int
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]


def timeline_picture(spans: Sequence[Span]) -> Timeline:
    """Bars in the order of their beginning. Pure; an empty history gives an empty picture."""
    if not spans:
        return Timeline(WIDTH, 0, LEFT, (), ())
    end = max(max(to for _, to, _, _ in spans), 1e-3)
    scale = (WIDTH - LEFT - 70) / end
    bars = []
    for row, (begin, to, label, kind) in enumerate(sorted(spans)):
        seconds = to - begin
        shown = f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"
        bars.append(Bar(LEFT + begin * scale, TOP + row * ROW, max(2.0, seconds * scale), label, kind, shown))
    step = next(step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1e9) if end / step <= 10)
    ticks = tuple((LEFT + n * step * scale, f"{n * step:g}") for n in range(int(end / step) + 1))
    return Timeline(WIDTH, TOP + len(bars) * ROW + 26, LEFT, tuple(bars), ticks)
