"""W3C trace context (www.w3.org/TR/trace-context, 2021), and spans as OTLP/HTTP takes them in JSON (1.3)."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HEADER = re.compile(rb"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$")
SERVER, CLIENT = 2, 3  # SpanKind
MOST = 2000  # spans that are kept for a collector that does not answer


@dataclass(frozen=True)
class Trace:
    """Where a request stands in its trace: hexadecimal ids, `parent` "" at the root; `state` passed on as it came."""

    trace: str
    span: str
    parent: str = ""
    sampled: bool = True
    state: bytes = b""

    @property
    def header(self) -> bytes:
        return f"00-{self.trace}-{self.span}-{int(self.sampled):02x}".encode()

    def below(self) -> Trace:
        """A span for a call that is made on the way."""
        return Trace(self.trace, secrets.token_hex(8), self.span, self.sampled, self.state)


def received(header: bytes, state: bytes = b"") -> Trace:
    """The span of a request that came with this traceparent; a trace of its own where that is missing or malformed."""
    found = HEADER.match(header.strip())
    if not found or header.startswith(b"ff") or not found[1].strip(b"0") or not found[2].strip(b"0"):
        return Trace(secrets.token_hex(16), secrets.token_hex(8))
    sampled = bool(int(found[3], 16) & 1)
    return Trace(found[1].decode(), secrets.token_hex(8), found[2].decode(), sampled, state)


class Spans:
    """Spans until they are sent. Nothing is kept where there is no collector, or the trace is not sampled."""

    def __init__(self, service: str, version: str, wanted: bool):
        self.wanted, self.kept, self.dropped = wanted, [], 0
        self.resource = [_attribute("service.name", service), _attribute("service.version", version)]

    def add(
        self, trace: Trace, name: str, kind: int, took: float, failed: bool, attributes: Mapping[str, str | int]
    ) -> None:
        """One span that ends now; `attributes` by the names of OpenTelemetry's conventions."""
        if not self.wanted or not trace.sampled:
            return
        if len(self.kept) >= MOST:
            self.dropped += 1
            return
        end = time.time_ns()
        span: dict[str, Any] = {
            "traceId": trace.trace,
            "spanId": trace.span,
            "name": name,
            "kind": kind,
            "startTimeUnixNano": str(end - int(took * 1e9)),
            "endTimeUnixNano": str(end),
            "attributes": [_attribute(key, value) for key, value in attributes.items()],
            "status": {"code": 2} if failed else {},
        }
        if trace.parent:
            span["parentSpanId"] = trace.parent
        self.kept.append(span)

    def take(self) -> dict[str, Any] | None:
        """All that is kept as one OTLP request; None where there is nothing."""
        if not self.kept:
            return None
        spans, self.kept = self.kept, []
        scope = {"scope": {"name": "standfast.worlds.lab.service"}, "spans": spans}
        return {"resourceSpans": [{"resource": {"attributes": self.resource}, "scopeSpans": [scope]}]}


def _attribute(key: str, value: str | int) -> dict[str, Any]:
    return {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
