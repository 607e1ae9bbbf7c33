"""A latency histogram of fixed size and fixed relative error, after Tene's HdrHistogram (hdrhistogram.org).

Microseconds; below 2**7 one bucket each, above it 2**6 buckets for every doubling: a value is known to within 1/128
of itself. Counts add up: histograms of several seconds, or of several generators, make one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

BITS = 6
MOST = 2**36  # microseconds, 19 hours: later is the same as that


class Histogram:
    def __init__(self, counts: Mapping[int, int] | None = None):
        self.counts: dict[int, int] = defaultdict(int, counts or {})

    def add(self, seconds: float) -> None:
        self.counts[bucket(round(seconds * 1e6))] += 1

    def merge(self, other: Histogram) -> None:
        for index, count in other.counts.items():
            self.counts[index] += count

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def percentile(self, share: float) -> float | None:
        """Seconds that this share of the values does not exceed: the middle of a bucket; None where there are none."""
        left = share * self.total
        for index in sorted(self.counts):
            left -= self.counts[index]
            if left <= 1e-9:
                low, high = bounds(index)
                return (low + high) / 2e6
        return None


def bucket(microseconds: int) -> int:
    value = min(max(microseconds, 0), MOST)
    doublings = max(0, value.bit_length() - BITS - 1)
    return (doublings << BITS) + (value >> doublings)


def bounds(index: int) -> tuple[int, int]:
    """The smallest and the largest number of microseconds that fall into a bucket."""
    doublings = max(0, (index >> BITS) - 1)
    low = (index - (doublings << BITS)) << doublings
    return low, low + (1 << doublings) - 1
