"""How much faster a month is simulated than in SimPy: python benchmarks/simulation.py [MONTHS]

The availability model of the example shop, in one run: the same parts, the same repair times, the same question (the
downtime of each month). Ours plays MONTHS (default 10,000); SimPy plays a fiftieth of them, and its time is scaled by
the month: it walks from event to event, so twice the months take it twice as long, which the second line shows.
Goal: at least 100 times.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the oracle of the tests is what we are measured against

from tests.plan.simulation.des import Estate  # noqa: E402

from standfast.plan.models.availability import availability, group, regional, spread  # noqa: E402
from standfast.plan.models.load import MONTH  # noqa: E402
from standfast.plan.simulation.outages import play  # noqa: E402
from standfast.plan.simulation.repairs import repairs  # noqa: E402

RUNS = 5
SHARE = 50  # SimPy plays one month of so many
ZONE, REGION = 0.999 / 0.9999, 0.9999
PARTS = {
    "web": group(spread(9, 3), 6, 0.995),
    "api": group(spread(21, 3), 13, 0.995),
    "orders": regional(0.9995),
    "balancer": regional(0.9999),
}


def median(work: Callable[[int], Any]) -> tuple[float, Any]:
    """Median seconds of RUNS runs with seeds of their own, after one to warm up, and what the last one gave."""
    times, given = [], None
    for seed in range(RUNS + 1):
        began = time.perf_counter()
        given = work(seed)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:]), given


def main() -> None:
    months = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    few = max(10, months // SHARE)
    ours, mine = median(lambda seed: play(PARTS, repairs(), months, seed).down)
    theirs, other = median(lambda seed: Estate(PARTS, seed, few, ZONE, REGION, repairs()).down)
    half, _ = median(lambda seed: Estate(PARTS, seed, few // 2, ZONE, REGION, repairs()).down)
    print(f"{'':<14} {'months':>8} {'seconds':>9} {'a month':>11} {'availability':>13}")
    for name, count, seconds, down in (("standfast", months, ours, mine), ("simpy", few, theirs, other)):
        up = 1 - sum(down) / len(down) / MONTH
        print(f"{name:<14} {count:8,d} {seconds:9.3f} {1e6 * seconds / count:8.1f} µs {up:13.4%}")
    print(f"{'simpy, half':<14} {few // 2:8,d} {half:9.3f} {1e6 * half / (few // 2):8.1f} µs")
    print(f"closed form {availability(PARTS):.4%}")
    ratio = (theirs / few) / (ours / months)
    print(f"ratio {ratio:,.0f}x  (goal: at least 100x)")


if __name__ == "__main__":
    main()
