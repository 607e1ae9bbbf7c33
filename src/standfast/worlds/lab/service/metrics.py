"""/metrics in the text format of Prometheus (0.0.4), or as OpenMetrics (1.0) with a trace for each bucket as exemplar.

Names and labels of `http_server_request_duration_seconds` follow OpenTelemetry's semantic conventions for HTTP
(stable since 1.23). `system`, `service`, `instance` and `zone` are put on by whoever scrapes.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from standfast.worlds.lab.service.trace import Trace

HISTOGRAM = "http_server_request_duration_seconds"
USUAL = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)  # the conventions' own
CONTENT = b"text/plain; version=0.0.4; charset=utf-8"
OPEN_CONTENT = b"application/openmetrics-text; version=1.0.0; charset=utf-8"


class Metrics:
    def __init__(self, bounds: Iterable[float], version: str):
        self.bounds = sorted({*USUAL, *bounds})
        self.version = version
        self.seen: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0] * (len(self.bounds) + 1))
        self.traces: dict[tuple[str, int, int], tuple[Trace, float, float]] = {}  # the newest request of each bucket
        self.sums: dict[tuple[str, int], float] = defaultdict(float)
        self.calls: dict[tuple[str, str], int] = defaultdict(int)
        self.active = 0
        self.shed = 0
        self.answered = 0  # requests of every kind: each costs the service something

    def request(self, method: str, status: int, seconds: float, trace: Trace | None = None) -> None:
        """`trace`: of this request, where it is kept."""
        bucket = bisect_left(self.bounds, seconds)
        self.seen[method, status][bucket] += 1
        self.sums[method, status] += seconds
        if trace is not None:
            self.traces[method, status, bucket] = (trace, seconds, time.time())

    def call(self, to: str, outcome: str) -> None:
        """`outcome`: ok, failed, skipped (left alone after failures), hit, miss."""
        self.calls[to, outcome] += 1

    def text(self, burned: float, own: float, dropped: int, openly: bool = False) -> bytes:
        """`openly`: as OpenMetrics, where counters are named without their end, and buckets may have an exemplar."""
        lines = [f"# TYPE {HISTOGRAM} histogram"]
        for (method, status), counts in sorted(self.seen.items()):
            labels = f'http_request_method="{method}",http_response_status_code="{status}",url_scheme="http"'
            below = 0
            for at, (bound, count) in enumerate(zip((*self.bounds, math.inf), counts, strict=True)):
                below += count
                le = "+Inf" if bound == math.inf else f"{bound:g}"
                shown = self._exemplar(method, status, at) if openly else ""
                lines.append(f'{HISTOGRAM}_bucket{{{labels},le="{le}"}} {below}{shown}')
            total = below
            lines.append(f"{HISTOGRAM}_count{{{labels}}} {total}")
            lines.append(f"{HISTOGRAM}_sum{{{labels}}} {self.sums[method, status]:.9g}")
        lines.append("# TYPE standfast_lab_calls_total counter")
        lines += [
            f'standfast_lab_calls_total{{to="{to}",outcome="{outcome}"}} {count}'
            for (to, outcome), count in sorted(self.calls.items())
        ]
        plain = (
            ("http_server_active_requests", "gauge", self.active),
            ("standfast_lab_shed_total", "counter", self.shed),
            ("standfast_lab_answered_total", "counter", self.answered),
            ("standfast_lab_burned_seconds_total", "counter", round(burned, 6)),
            ("standfast_lab_own_seconds", "gauge", round(own, 9)),
            ("standfast_lab_spans_dropped_total", "counter", dropped),
            ("process_cpu_seconds_total", "counter", round(time.process_time(), 6)),
            ("node_time_seconds", "gauge", round(time.time(), 3)),  # as a node_exporter beside it would tell
        )
        for name, kind, value in plain:
            lines += [f"# TYPE {name} {kind}", f"{name} {value}"]
        shown = "".join(one for one in self.version if one.isalnum() or one in "._-")
        lines += ["# TYPE standfast_lab_build_info gauge", f'standfast_lab_build_info{{version="{shown}"}} 1']
        if openly:
            lines = [line.replace("_total counter", " counter") if line[0] == "#" else line for line in lines]
            lines.append("# EOF")
        return ("\n".join(lines) + "\n").encode()

    def _exemplar(self, method: str, status: int, bucket: int) -> str:
        if (method, status, bucket) not in self.traces:
            return ""
        trace, seconds, at = self.traces[method, status, bucket]
        return f' # {{trace_id="{trace.trace}",span_id="{trace.span}"}} {seconds:.9g} {at:.3f}'
