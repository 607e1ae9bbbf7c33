"""What availability costs, as a picture: a dot for each promise that has a plan, on an axis of minutes away a month."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from standfast.plan.reasons.frontier import Step

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 420, 90, 30, 54, 72
INK, FAINT, LINE, MARK = "#1d2733", "#6b7785", "#2f6fb2", "#c2571a"
MINUTES = 730.0 * 60


def frontier_svg(name: str, steps: Sequence[Step]) -> str:
    """A self-contained SVG document. `steps` in rising order of availability; those without a plan are named below."""
    there = [step for step in steps if step.usd is not None]
    label = f"what availability costs: {name}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(label)}" font-family="system-ui, sans-serif" font-size="12" fill="{INK}">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="16" font-weight="600">{escape(label[0].upper() + label[1:])}</text>',
        f'<text x="{LEFT}" y="42" fill="{FAINT}">USD a month of the cheapest plan that keeps all other promises</text>',
    ]
    if there:
        parts += _chart(there)
    lost = [step for step in steps if step.usd is None]
    if lost:
        word = "not told in time" if lost[0].unknown else "no plan keeps it"
        said = f"{lost[0].availability * 100:g}%: {word}"
        parts.append(
            f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 14}" text-anchor="end" fill="{FAINT}">{escape(said)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _chart(there: Sequence[Step]) -> list[str]:
    low, high = min(_usd(step) for step in there), max(_usd(step) for step in there)
    pad = max(1.0, (high - low) * 0.08, high * 0.01)
    low, high = max(0.0, low - pad), high + pad
    away = [math.log10(max(1e-9, 1 - step.availability)) for step in there]
    first, last = max(away), min(away)
    wide = (first - last) or 1.0

    def x(at: float) -> float:
        return LEFT + 20 + (first - at) / wide * (WIDTH - LEFT - RIGHT - 60)

    def y(usd: float) -> float:
        return TOP + (high - usd) / (high - low) * (HEIGHT - TOP - BOTTOM)

    found = []
    for tick in _ticks(low, high):
        found.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#e4e8ec"/>')
        found.append(f'<text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end" fill="{FAINT}">{tick:,.0f}</text>')
    path, before = [], None
    for step, at in zip(there, away, strict=True):
        path.append(f"L {x(at):.1f} {before:.1f}" if before is not None else "")
        before = y(_usd(step))
        path.append(f"{'L' if len(path) > 1 else 'M'} {x(at):.1f} {before:.1f}")
    found.append(f'<path d="{" ".join(filter(None, path))}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    shown = -1e9
    for step, at in zip(there, away, strict=True):
        colour, size = (MARK, 6) if step.declared else (LINE, 4)
        minutes = (1 - step.availability) * MINUTES
        spoken = (
            f"{step.availability * 100:g}%: {_usd(step):,.0f} USD/month, {step.where}, {minutes:,.3g} min away a month"
        )
        found.append(
            f'<circle cx="{x(at):.1f}" cy="{y(_usd(step)):.1f}" r="{size}" fill="{colour}">'
            f"<title>{escape(spoken)}</title></circle>"
        )
        if x(at) - shown > 46 or step.declared:
            shown = x(at)
            weight = ' font-weight="600"' if step.declared else ""
            here, below = f'<text x="{x(at):.1f}" text-anchor="middle"', HEIGHT - BOTTOM + 20
            found.append(f'{here} y="{below}"{weight}>{step.availability * 100:g}%</text>')
            found.append(f'{here} y="{below + 16}" fill="{FAINT}">{_away(minutes)}</text>')
        if step.declared:
            said = f"declared: {_usd(step):,.0f}"
            found.append(
                f'<text x="{x(at) - 10:.1f}" y="{y(_usd(step)) - 10:.1f}" text-anchor="end" fill="{MARK}" '
                f'font-weight="600">{escape(said)}</text>'
            )
    return found


def _usd(step: Step) -> float:
    return step.usd or 0.0


def _away(minutes: float) -> str:
    return f"{minutes / 60:.3g} h" if minutes >= 60 else f"{minutes:.2g} min"


def _ticks(low: float, high: float) -> list[float]:
    rough = (high - low) / 5
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * n for n in (1, 2, 2.5, 5, 10) if unit * n >= rough)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
