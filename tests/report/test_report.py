"""The page is complete, opens offline, and shows hostile text as text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from standfast.docs.map import HEIGHT, WIDTH, architecture_map
from standfast.problem import Place
from standfast.promise import Measured, promise_table
from standfast.report import DrillShown, FindingShown, write_report
from standfast.report.timeline import timeline_picture
from tests.shop import shop_plan

VOID = {"meta", "br", "rect", "line", "path", "img", "link"}
SPANS = ((0.0, 1.0, "steady", "steady"), (1.0, 2.5, "restore", "restore"))


class Reader(HTMLParser):
    """Collects tags and text, and fails on a tag that is never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open and self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader


def page(**changes) -> str:
    plan = replace(shop_plan(), **changes)
    measured = Measured("reliability.rto.corruption", 1.9, "2026-11-23T10:00:00Z", "lab", "drill/1/history.jsonl")
    table = promise_table(plan.promises, [measured])
    drill = DrillShown("restore", "Restore", "2026-11-23", "lab", "kept", ("restored in 1.90 s",), SPANS)
    return write_report(plan, table, [drill], [FindingShown("broken", "no-x", "it is open", "close it", "shop.yaml:3")])


def test_every_promise_choice_and_drill_is_on_the_page() -> None:
    reader = read(page())
    text = " ".join(reader.text)
    plan = shop_plan()
    for choice in plan.choices:
        assert choice.component in text and choice.offer in text
    for row in plan.promises:
        assert row.place.short in text
    assert "restored in 1.90 s" in text and "it is open" in text


def test_the_page_loads_nothing_from_elsewhere() -> None:
    html = page()
    reader = read(html)
    assert not [value for name, value in reader.attributes if name in ("src", "href", "xlink:href")]
    assert "<script" not in html and "@import" not in html and "http" not in re.sub("http-equiv", "", html)


def test_hostile_text_stays_text() -> None:
    system = replace(shop_plan().system, name="<script>alert(1)</script>", place=Place('"><img src=x onerror=1>', 1))
    html = page(system=system)
    assert "<script>" not in html and "<img" not in html


def test_boxes_of_the_map_do_not_overlap() -> None:
    boxes = architecture_map(shop_plan()).boxes
    for one in boxes:
        for other in boxes:
            apart = abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
            assert one is other or apart, (one, other)


def test_timeline_bars_are_to_scale() -> None:
    first, second = timeline_picture(SPANS).bars
    assert abs(second.width / first.width - 1.5) < 1e-6
    assert timeline_picture(()).bars == ()


def test_a_service_that_nobody_calls_is_on_the_map_too() -> None:
    plan = shop_plan()
    lone = replace(plan.system.services[1], name="job", calls=())
    system = replace(plan.system, services=(*plan.system.services, lone))
    assert "job" in {box.name for box in architecture_map(replace(plan, system=system)).boxes}
