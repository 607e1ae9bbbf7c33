"""The timeline of a drill as an SVG: requests answered and failed, what happened when, steps and alerts below. Pure."""

from __future__ import annotations

from xml.sax.saxutils import escape

from standfast.drill import alerts
from standfast.drill.history import History, every, first, timeline, when
from standfast.drill.traffic import per_slot

WIDTH, LEFT, RIGHT, TOP = 860, 210, 70, 59
HIGH, ROW = 110, 22  # of the requests, of one step
COLOURS = {
    "step": "#9aa5b1", "check": "#7b8794", "steady": "#6c8ebf", "outage": "#c0392b", "broken": "#c0392b",
    "restore": "#2e8b57", "heal": "#2e8b57",
}  # fmt: skip
GOOD, REFUSED, FAILED, INK, SOFT = "#6c8ebf", "#d9902f", "#c0392b", "#1f2933", "#66727f"
MARKS = {
    "breaking": "broken", "subsided": "load as before", "told": "alert", "detected": "detected",
    "cleared": "alert ends", "promoted": "failover", "carried_out": "runbook", "back": "back", "resumed": "back",
    "healing": "heal",
}  # fmt: skip
SLOTS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
STEPS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def picture(history: History) -> str:
    """An SVG of a drill; it stands alone. Times in seconds since the drill began to look."""
    spans = [span for span in timeline(history) if span[1] > span[0]]
    shown = [one for one in history if one["what"] in MARKS]
    begin = next((when(one) for one in history if one["what"] == "writing"), 0.0)
    end = max([to for _, to, _, _ in spans] + [begin + 0.1])
    spans = [span for span in spans if span[1] > begin]

    def x(seconds: float) -> float:
        return round(LEFT + (max(seconds, begin) - begin) / (end - begin) * (WIDTH - LEFT - RIGHT), 1)

    out, y = [], TOP
    width = next((one for one in SLOTS if (end - begin) / one <= 120), SLOTS[-1])
    slots = [one for one in per_slot(history, width) if one[0] + width > begin and one[0] <= end]
    if any(any(counts) for _, *counts in slots):
        users = first(history, "requests") is not None
        out.append(_text(LEFT - 10, y + 14, "requests" if users else "writes", "end", INK))
        most = max(sum(counts) for _, *counts in slots)
        out.append(_text(LEFT - 10, y + 30, f"at most {most / width:,.0f}/s", "end", SOFT))
        kinds = (("answered" if users else "acknowledged", GOOD), ("refused at once", REFUSED), ("failed", FAILED))
        for at, *counts in slots:
            wide, low = max(1.0, x(at + width) - x(at) - 0.6), y + HIGH
            for count, (name, colour) in zip(counts, kinds, strict=True):
                up = count / most * HIGH
                out.append(_bar(x(at), low - up, wide, up, colour, f"{count} {name}"))
                low -= up
        seen = [kind for number, kind in enumerate(kinds) if number != 1 or any(counts[1] for _, *counts in slots)]
        for row, (name, colour) in enumerate(seen):
            out.append(_text(LEFT - 10, y + HIGH - 4 - 16 * row, name, "end", colour))
        y += HIGH + 16
    low = y + (len(spans) + (len(every(history, "expects")) if first(history, "breaking") else 0)) * ROW
    for begun, to, label, kind in spans:
        took = to - max(begun, begin)
        out.append(_text(LEFT - 10, y + 14, label, "end", INK))
        out.append(_bar(x(begun), y + 3, max(1.5, x(to) - x(begun)), ROW - 8, COLOURS[kind], label))
        said = f"{took:.2f} s" if took < 10 else f"{took:.0f} s"
        out.append(_text(max(x(to), x(begun) + 1.5) + 5, y + 14, said, "start", SOFT))
        y += ROW
    out += _alerts(history, end, x, y)
    out = [*_marks(shown, x, low), *out]  # behind: what is written on them stays legible
    out += _axis(begin, end, x, low)
    out.append(_text(12, 14, str(history[0].get("drill", "")).replace("_", " "), "start", INK))
    out.append(_text(12, 29, str(history[0].get("when", ""))[:16].replace("T", ", "), "start", SOFT))
    size = f'viewBox="0 0 {WIDTH} {low + 30}" width="{WIDTH}" height="{low + 30}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="system-ui, sans-serif" font-size="11.5">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{low + 30}" fill="#ffffff"/>', *out, "</svg>\n"])


def _marks(shown: History, x, low: int) -> list[str]:
    """A line for each thing that happened; a name that would stand on another one is a row lower."""
    out, ends = [], [0.0, 0.0, 0.0, 0.0]
    told: set[str] = set()
    for one in sorted(shown, key=when):
        if one["what"] in told:
            continue
        told.add(one["what"])
        at, name = x(when(one)), _named(one)
        row = next((n for n, end in enumerate(ends) if at > end), len(ends) - 1)
        ends[row] = at + len(name) * 6.6 + 8
        out.append(f'<line x1="{at}" y1="{6 + 13 * row}" x2="{at}" y2="{low}" stroke="{SOFT}" stroke-dasharray="2 3"/>')
        out.append(_text(at + 3, 14 + 13 * row, name, "start", INK))
    return out


def _named(event) -> str:
    return str(event["fault"]).replace("_", " ") if event.get("fault") else MARKS[event["what"]]


def _alerts(history: History, end: float, x, y: int) -> list[str]:
    """From when to when each expected alert fired, and a stroke by when it was promised."""
    broken = first(history, "breaking")
    if broken is None:
        return []
    out = []
    for one in every(history, "expects"):
        fired, over = alerts.firing(history, one), alerts.ended(history, one)
        out.append(_text(LEFT - 10, y + 14, alerts.named(one), "end", INK))
        if fired is not None:
            begun, to = x(when(fired)), x(min(end, when(over)) if over is not None else end)
            said = "fired until it ended" if over is not None else "fired, and did not end"
            out.append(_bar(begun, y + 5, max(1.5, to - begun), ROW - 12, COLOURS["outage"], said))
        due = x(min(end, broken["t"] + one["within"]))
        out.append(
            f'<line x1="{due}" y1="{y + 1}" x2="{due}" y2="{y + ROW - 3}" stroke="{INK}" stroke-width="2">'
            "<title>promised by here</title></line>"
        )
        if one is every(history, "expects")[0]:
            out.append(_text(due + 5, y + 14, "promised", "start", SOFT))
        y += ROW
    return out


def _axis(begin: float, end: float, x, low: int) -> list[str]:
    step = next((one for one in STEPS if (end - begin) / one <= 10), STEPS[-1])
    out = [f'<line x1="{LEFT}" y1="{low}" x2="{WIDTH - RIGHT}" y2="{low}" stroke="{SOFT}"/>']
    for number in range(int((end - begin) / step) + 1):
        out.append(_text(x(begin + number * step), low + 16, f"{number * step:g} s", "middle", SOFT))
    return out


def _bar(x: float, y: float, width: float, height: float, colour: str, title: str) -> str:
    if height <= 0:
        return ""
    said = f"<title>{escape(title)}</title>"
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}">{said}</rect>'


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    over = 'stroke="#ffffff" stroke-width="3" paint-order="stroke"'  # legible on a line
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" {over}>{escape(text)}</text>'
