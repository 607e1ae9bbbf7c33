"""The architecture map: users on the left, stores on the right, every edge of the call graph, as one SVG."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from standfast.plan import Choice, Plan

WIDTH, HEIGHT = 168, 62  # of a box
GAP_X, GAP_Y, MARGIN = 74, 22, 12
FITS = 26  # characters of small text in a box
STORES = ("postgres", "mysql", "redis", "objects")
# Colours of a picture that stands alone; the report has its own, which follow the reader's.
DARK_ON_WHITE = {
    "ink": "#1c2430", "soft": "#5b6675", "line": "#c3ccd6", "card": "#f6f8fa", "paper": "#ffffff", "bar": "#3566b8",
    "store": "#7c4dab", "edge": "#8a95a3",
}  # fmt: skip
BY_VARIABLES = {name: f"var(--{name})" for name in DARK_ON_WHITE}


@dataclass(frozen=True)
class Box:
    name: str
    kind: str
    lines: tuple[str, ...]
    x: int
    y: int


@dataclass(frozen=True)
class Edge:
    path: str
    essential: bool


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


def architecture_map(plan: Plan) -> Picture:
    """Boxes in columns by their distance from the user. Pure; the template draws it."""
    edges = _edges(plan)
    column = _columns(plan, edges)
    chosen = {choice.component: choice for choice in plan.choices}
    stores = {store.name for store in plan.system.stores}
    last = max((depth for name, depth in column.items() if name not in stores), default=0) + 1
    placed = {name: last if name in stores else depth for name, depth in column.items()}
    rows: dict[int, list[str]] = {}
    for name in sorted(placed, key=lambda name: (-_longest_edge(name, edges, placed), name)):
        rows.setdefault(placed[name], []).append(name)
    tallest = max((len(names) for names in rows.values()), default=1)
    height = 2 * MARGIN + tallest * (HEIGHT + GAP_Y) - GAP_Y
    boxes = {}
    for depth, names in rows.items():
        top = (height - len(names) * (HEIGHT + GAP_Y) + GAP_Y) // 2
        for row, name in enumerate(names):
            x, y = MARGIN + depth * (WIDTH + GAP_X), top + row * (HEIGHT + GAP_Y)
            choice = chosen.get(name)
            lines = _lines(choice) if choice else ("",)
            boxes[name] = Box(name, choice.kind if choice else "users", lines, x, y)
    drawn = tuple(Edge(_curve(boxes[a], boxes[b]), essential) for a, b, essential in edges)
    width = 2 * MARGIN + (max(rows, default=0) + 1) * (WIDTH + GAP_X) - GAP_X
    return Picture(width, height, tuple(boxes.values()), drawn)


def svg(picture: Picture, label: str, colours: Mapping[str, str], alone: bool = True) -> str:
    """The picture as an SVG document, or as a part of a page (not `alone`); nothing is fetched from elsewhere."""
    kind = ' xmlns="http://www.w3.org/2000/svg"' if alone else ""
    ink, soft, edge = colours["ink"], colours["soft"], colours["edge"]
    parts = [
        f'<svg{kind} viewBox="0 0 {picture.width} {picture.height}" '
        f'width="{picture.width}" role="img" aria-label="{escape(label)}" font-family="system-ui, sans-serif">',
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0,0 L8,4 L0,8 z" fill="{edge}"/></marker></defs>',
        f'<rect width="100%" height="100%" fill="{colours["paper"]}"/>',
    ]
    for one in picture.edges:
        dashed = "" if one.essential else ' stroke-dasharray="4 4"'
        path = f'<path d="{one.path}" fill="none" stroke="{edge}" stroke-width="1.4" marker-end="url(#arrow)"{dashed}/>'
        parts.append(path)
    for box in picture.boxes:
        mark = colours["store" if box.kind in STORES else "edge" if box.kind == "users" else "bar"]
        x, y = box.x, box.y
        frame = f'width="{WIDTH}" height="{HEIGHT}" rx="7" fill="{colours["card"]}" stroke="{colours["line"]}"'
        name = f'font-size="14" font-weight="600" fill="{ink}">{escape(box.name)}'
        parts.append(f'<rect x="{x}" y="{y}" {frame}/>')
        parts.append(f'<rect x="{x}" y="{y}" width="5" height="{HEIGHT}" rx="2" fill="{mark}"/>')
        parts.append(f'<text x="{x + 16}" y="{y + 21}" {name}</text>')
        for row, line in enumerate(box.lines):
            small = f'class="small" font-size="11" fill="{soft}">{escape(line)}'
            parts.append(f'<text x="{x + 16}" y="{y + 38 + 14 * row}" {small}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _longest_edge(name: str, edges: list[tuple[str, str, bool]], placed: dict[str, int]) -> int:
    """How many columns the longest edge at a box spans: such boxes go to the top, so the edge passes above others."""
    spans = [placed[end] - placed[start] for start, end, _ in edges if name in (start, end)]
    return max((span for span in spans if span > 1), default=0)


def _lines(choice: Choice) -> tuple[str, ...]:
    many = f"{choice.count} × {choice.offer}" if choice.count > 1 else choice.offer
    zones = f" · {choice.zones} zones" if choice.zones > 1 else ""
    many = many if len(many) <= FITS else many[: FITS - 1] + "…"
    return (many, f"{choice.monthly.typical:,.0f} USD/month{zones}")


def _edges(plan: Plan) -> list[tuple[str, str, bool]]:
    """(from, to, essential): users to the edge, the edge to public services, then the call graph."""
    system, parts = plan.system, {choice.component for choice in plan.choices}
    door = "balancer" if "balancer" in parts else "users"
    edges = [("users", "balancer", True)] if door == "balancer" else []
    edges += [(door, service.name, True) for service in system.services if service.public]
    edges += [(service.name, call.to, call.essential) for service in system.services for call in service.calls]
    if "cdn" in parts:
        edges.append(("users", "cdn", True))
        edges += [("cdn", store.name, True) for store in system.stores if store.cdn]
    return edges


def _columns(plan: Plan, edges: list[tuple[str, str, bool]]) -> dict[str, int]:
    """The longest distance from the users; what nobody reaches stands beside the first services."""
    reached = {end for _, end, _ in edges}
    parts = [part.name for part in (*plan.system.services, *plan.system.stores)]
    column = {"users": 0, **{name: 1 for name in parts if name not in reached}}
    for _ in range(len(edges) + 1):  # the reader has refused cycles, so this ends
        moved = False
        for start, end, _essential in edges:
            if start in column and column.get(end, -1) < column[start] + 1:
                column[end], moved = column[start] + 1, True
        if not moved:
            break
    return column


def _curve(start: Box, end: Box) -> str:
    x1, y1 = start.x + WIDTH, start.y + HEIGHT // 2
    x2, y2 = end.x, end.y + HEIGHT // 2
    bend = max(30, (x2 - x1) // 2)
    return f"M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2 - 3},{y2}"
