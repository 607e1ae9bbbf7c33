"""The raw record of a load, and what it says: judged again at any time from the file alone.

    due,late,took,status,why
    0.010342,0.000214,0.023871,200,

due     seconds from the start when the request was to be sent     late  how much later than that it was sent
took    seconds from *due* to the end of the answer                 status  of HTTP; 0: no answer, and why
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfast.problem import Place, Problem, Problems
from standfast.worlds.lab.load.histogram import Histogram

HEADER = "due,late,took,status,why\n"
FEWEST = 200  # requests below which a p95 says nothing
LATE = 0.02  # seconds: the 99th percentile of `late` above which the generator was the bottleneck


@dataclass(frozen=True)
class Sent:
    due: float
    late: float
    took: float
    status: int
    why: str = ""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 400


@dataclass(frozen=True)
class Summary:
    """Seconds and requests per second, over a stretch of the record.

    `offered` was due per second, `throughput` was answered well per second; percentiles are of the good answers;
    `reasons`: how often which failure was seen.
    """

    requests: int
    seconds: float
    offered: float
    throughput: float
    errors: float  # share of all
    percentiles: Mapping[str, float]  # p50, p95, p99, or whatever was wanted; nan where none was good
    mean: float
    late: float  # 99th percentile
    reasons: Mapping[str, int]


def line(due: float, late: float, took: float, status: int, why: str) -> str:
    plain = " ".join(why.replace(",", ";").split())[:120]
    return f"{due:.6f},{late:.6f},{took:.6f},{status},{plain}\n"


def read_record(path: Path) -> list[Sent]:
    """Raises Problems that name the line that cannot be read. A last line that is torn is left out."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise Problems([Problem("the record cannot be read", str(error), place=Place(path.name))]) from error
    if not rows or ",".join(rows[0]) != HEADER.strip():
        raise Problems(
            [Problem("this is not the record of a load", f"it begins with {HEADER.strip()}", place=Place(path.name))]
        )
    found = []
    for number, row in enumerate(rows[1:], 2):
        try:
            due, late, took, status, why = row
            one = Sent(float(due), float(late), float(took), int(status), why)
            if not all(map(math.isfinite, (one.due, one.late, one.took))):
                raise ValueError("not a finite number")
        except ValueError as error:
            if number == len(rows):
                break
            raise Problems(
                [Problem("the record cannot be read", str(error), place=Place(path.name, number))]
            ) from error
        found.append(one)
    return sorted(found, key=lambda one: one.due)


def summary(sent: Sequence[Sent], begin: float, end: float, wanted: Sequence[str] = ("p50", "p95", "p99")) -> Summary:
    """What was due from `begin` to `end`, in seconds of the record."""
    import numpy as np

    some = [one for one in sent if begin <= one.due < end]
    good = np.array([one.took for one in some if one.good])
    values = {name: float(np.quantile(good, float(name[1:]) / 100)) if len(good) else math.nan for name in wanted}
    seconds = end - begin
    late = float(np.quantile([one.late for one in some], 0.99)) if some else 0.0
    reasons = Counter(one.why or f"answered {one.status}" for one in some if not one.good)
    return Summary(
        len(some), seconds, len(some) / seconds, len(good) / seconds, 1 - len(good) / len(some) if some else 0.0,
        values, float(good.mean()) if len(good) else math.nan, late, dict(reasons.most_common(5)),
    )  # fmt: skip


def histogram(sent: Sequence[Sent]) -> Histogram:
    """Of all good answers: what `load.json` keeps, and pictures are drawn from."""
    found = Histogram()
    for one in sent:
        if one.good:
            found.add(max(0.0, one.took))
    return found


def as_json(one: Summary) -> dict[str, Any]:
    return {
        "requests": one.requests,
        "seconds": round(one.seconds, 3),
        "offered_rps": round(one.offered, 3),
        "throughput_rps": round(one.throughput, 3),
        "errors": round(one.errors, 6),
        "percentiles": {
            name: None if math.isnan(value) else round(value, 6) for name, value in one.percentiles.items()
        },
        "mean": None if math.isnan(one.mean) else round(one.mean, 6),
        "late_p99": round(one.late, 6),
        "reasons": dict(one.reasons),
    }
