"""/metrics in the text format of Prometheus (0.0.4): what the generated rules and dashboards ask for.

Names and labels of `http_server_request_duration_seconds` follow OpenTelemetry's semantic conventions for HTTP
(stable since 1.23). `system`, `service`, `instance` and `zone` are put on by whoever scrapes.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

HISTOGRAM = "http_server_request_duration_seconds"
USUAL = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)  # the conventions' own
CONTENT = b"text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    def __init__(self, bounds: Iterable[float], version: str):
        self.bounds = sorted({*USUAL, *bounds})
        self.version = version
        self.seen: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0] * (len(self.bounds) + 1))
        self.sums: dict[tuple[str, int], float] = defaultdict(float)
        self.calls: dict[tuple[str, str], int] = defaultdict(int)
        self.active = 0
        self.shed = 0
        self.answered = 0  # requests of every kind: each costs the service something

    def request(self, method: str, status: int, seconds: float) -> None:
        self.seen[method, status][bisect_left(self.bounds, seconds)] += 1
        self.sums[method, status] += seconds

    def call(self, to: str, outcome: str) -> None:
        """`outcome`: ok, failed, skipped (left alone after failures), hit, miss."""
        self.calls[to, outcome] += 1

    def text(self, burned: float, own: float, dropped: int) -> bytes:
        lines = [f"# TYPE {HISTOGRAM} histogram"]
        for (method, status), counts in sorted(self.seen.items()):
            labels = f'http_request_method="{method}",http_response_status_code="{status}",url_scheme="http"'
            below = 0
            for bound, count in zip(self.bounds, counts, strict=False):
                below += count
                lines.append(f'{HISTOGRAM}_bucket{{{labels},le="{bound:g}"}} {below}')
            total = below + counts[-1]
            lines.append(f'{HISTOGRAM}_bucket{{{labels},le="+Inf"}} {total}')
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
        )
        for name, kind, value in plain:
            lines += [f"# TYPE {name} {kind}", f"{name} {value}"]
        shown = "".join(one for one in self.version if one.isalnum() or one in "._-")
        lines += ["# TYPE standfast_lab_build_info gauge", f'standfast_lab_build_info{{version="{shown}"}} 1']
        return ("\n".join(lines) + "\n").encode()
