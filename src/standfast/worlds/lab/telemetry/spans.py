"""Spans out of OTLP/HTTP in JSON (1.3), and out of an access line of the edge, which has no spans of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from standfast.worlds.lab.telemetry.masking import Masking
from standfast.worlds.lab.telemetry.store import Line, Span

ERROR = 2  # STATUS_CODE_ERROR
TRACE, SPAN = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{16}")
# as the role nginx has it: "GET / HTTP/2.0" 200 … trace=… span=… parent=… at=1790000000.123 took=0.012
ACCESS = re.compile(
    r'"(?P<method>[A-Z]+) (?P<path>\S+) [^"]*" (?P<status>\d{3}) .* trace=(?P<trace>[0-9a-f]{32}) '
    r"span=(?P<span>[0-9a-f]{16}) parent=(?P<parent>[0-9a-f]{16})? ?at=(?P<at>\d+\.\d+) took=(?P<took>\d+\.\d+)$"
)


def received(body: Mapping[str, Any], masking: Masking) -> Iterator[Span]:
    """Raises ValueError, KeyError or TypeError for what is no OTLP."""
    for resource in body["resourceSpans"]:
        about = dict(_attributes(resource.get("resource", {})))
        for scope in resource.get("scopeSpans", ()):
            for one in scope["spans"]:
                begin, end = int(one["startTimeUnixNano"]) / 1e9, int(one["endTimeUnixNano"]) / 1e9
                trace, span, parent = one["traceId"], one["spanId"], one.get("parentSpanId", "")
                if not TRACE.fullmatch(trace) or not SPAN.fullmatch(span) or (parent and not SPAN.fullmatch(parent)):
                    raise ValueError("ids are 32 and 16 hexadecimal digits")
                yield Span(
                    trace, span, parent, about.get("service.name", ""), masking.line(str(one["name"])), begin,
                    end - begin, one.get("status", {}).get("code") == ERROR, masking.attributes(_attributes(one)),
                )  # fmt: skip


def _attributes(of: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in of.get("attributes", ()):
        (value,) = one["value"].values()
        yield str(one["key"]), str(value)


def of_the_edge(line: Line) -> Span | None:
    """The span that an access line tells of. `line` is masked already."""
    found = ACCESS.search(line.text)
    if found is None:
        return None
    took, status = float(found["took"]), found["status"]
    path = found["path"].partition("?")[0]
    attributes = {"http.request.method": found["method"], "http.response.status_code": status, "url.path": path}
    return Span(
        found["trace"], found["span"], found["parent"] or "", line.host.rpartition("-")[0], found["method"],
        round(float(found["at"]) - took, 6), took, status >= "500", attributes,
    )  # fmt: skip
