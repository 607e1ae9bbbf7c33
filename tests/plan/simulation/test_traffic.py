"""End-to-end latency percentiles against SimPy: with the model's assumption, and through the real queues without it.

Confidence bands come from independent runs; utilisation is 60 to 70 %, where the planner's own designs lie.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from standfast.plan.models.latency import Serving, percentiles, share_of
from standfast.spec.model import System
from standfast.spec.reader import parse_spec
from tests.plan.simulation.traffic import apart, through_queues

RUNS, REQUESTS = 8, 4000
ALL = ("p50", "p95", "p99")
STUDENT = 3.50  # two-sided 99 % of Student's t with RUNS - 1 degrees of freedom


@dataclass(frozen=True)
class Shape:
    """`own`: how far the model may be off under its own assumption; `real`: through real queues, (lowest, highest)."""

    text: str
    serving: dict[str, Serving]
    own: float = 0.01
    real: tuple[float, float] = (-0.05, 0.05)

    @property
    def system(self) -> System:
        head = "system: t\npromises: {scalability: {peak: 100 rps, average: 50 rps, growth: 0%/year}}\n"
        return parse_spec(head + self.text, "t.yaml")


DOOR = "image: a, public: true"
SHAPES = {
    "one service": Shape(f"services: {{a: {{{DOOR}, cpu: 12 ms}}}}", {"a": Serving(2, 1, 1)}),
    "several instances": Shape(f"services: {{a: {{{DOOR}, cpu: 96 ms}}}}", {"a": Serving(8, 2, 4)}),
    "uneven work": Shape(
        f"services: {{a: {{{DOOR}, cpu: 24 ms, variation: 1.5}}}}", {"a": Serving(4, 1, 2)}, own=0.06, real=(-0.08, 0.1)
    ),
    "even work": Shape(
        f"services: {{a: {{{DOOR}, cpu: 13 ms, variation: 0.5}}}}",
        {"a": Serving(2, 1, 1)},
        own=0.04,
        real=(-0.04, 0.06),
    ),
    "chain of three": Shape(
        f"services: {{a: {{{DOOR}, cpu: 12 ms, calls: [b]}}, b: {{image: b, cpu: 24 ms, calls: [c]}}, "
        "c: {image: c, cpu: 12 ms}}",
        {"a": Serving(2, 1, 1), "b": Serving(4, 1, 2), "c": Serving(2, 1, 2)},
    ),
    "parallel calls": Shape(
        f"services: {{a: {{{DOOR}, cpu: 5 ms, calls: [{{to: b, parallel: true}}, {{to: c, parallel: true}}]}}, "
        "b: {image: b, cpu: 13 ms}, c: {image: c, cpu: 12 ms}}",
        {"a": Serving(1, 1, 1), "b": Serving(2, 1, 1), "c": Serving(2, 1, 2)},
        real=(-0.03, 0.07),
    ),
    "a cache that falls through": Shape(
        f"services: {{a: {{{DOOR}, cpu: 6 ms, calls: [{{to: d, cached_by: c, hit_rate: 75%}}]}}}}\n"
        "stores: {d: {kind: postgres}, c: {kind: redis}}",
        {"a": Serving(1, 1, 1), "d": Serving(1, 0.04, 1), "c": Serving(1, 0.01, 1)},
    ),
    "some of the requests call": Shape(
        f"services: {{a: {{{DOOR}, cpu: 12 ms, wait: 20 ms, calls: [{{to: b, share: 30%}}]}}, "
        "b: {image: b, cpu: 20 ms}}",
        {"a": Serving(2, 1, 1), "b": Serving(1, 1, 1)},
    ),
    # where independence is not true, and how far that carries
    "even work in a row": Shape(
        f"services: {{a: {{{DOOR}, cpu: 13 ms, variation: 0.4, calls: [b]}}, "
        "b: {image: b, cpu: 13 ms, variation: 0.4, calls: [c]}, c: {image: c, cpu: 13 ms, variation: 0.4}}",
        {name: Serving(2, 1, 1) for name in "abc"}, own=0.05, real=(0.0, 0.2),
    ),
    "the same part four times": Shape(
        f"services: {{a: {{{DOOR}, cpu: 5 ms, calls: [{{to: b, times: 4}}]}}, b: {{image: b, cpu: 6.5 ms}}}}",
        {"a": Serving(1, 1, 1), "b": Serving(4, 1, 1)}, own=0.02, real=(-0.2, 0.07),
    ),
    "two ways to the same part": Shape(
        f"services: {{a: {{{DOOR}, cpu: 5 ms, calls: [{{to: b, parallel: true}}, {{to: c, parallel: true}}]}}, "
        "b: {image: b, cpu: 5 ms, calls: [d]}, c: {image: c, cpu: 5 ms, calls: [d]}, d: {image: d, cpu: 6.5 ms}}",
        {"a": Serving(1, 1, 1), "b": Serving(1, 1, 1), "c": Serving(1, 1, 1), "d": Serving(2, 1, 1)},
        own=0.02, real=(-0.15, 0.05),
    ),
}  # fmt: skip


def band(shape: Shape, oracle: Callable[..., list[float]], **how: bool) -> dict[str, tuple[float, float]]:
    """Percentile -> (mean over the runs, half width of its 99 % confidence interval), seconds."""
    runs = np.array(
        [
            np.quantile(oracle(shape.system, shape.serving, REQUESTS, seed, **how), list(map(share_of, ALL)))
            for seed in range(RUNS)
        ]
    )
    half = STUDENT * runs.std(axis=0, ddof=1) / RUNS**0.5
    return {name: (mean, wide) for name, mean, wide in zip(ALL, runs.mean(axis=0), half, strict=True)}


@pytest.mark.parametrize("name", SHAPES)
def test_with_its_own_assumption_the_model_is_within_the_band(name: str) -> None:
    """Every queue alone: what is left is Erlang C and Allen–Cunneen for the wait, and the grid."""
    shape = SHAPES[name]
    found = percentiles(shape.system, shape.serving, {}, ALL)
    for percentile, (mean, half) in band(shape, apart).items():
        assert found[percentile] == pytest.approx(mean, abs=half + shape.own * mean), percentile
        assert half < 0.2 * mean, "the band is too wide to tell anything"


@pytest.mark.parametrize("name", SHAPES)
def test_through_real_queues_the_model_is_within_what_is_said_of_it(name: str) -> None:
    """docs/simulation.md says these figures: by how much independence and its kin are off."""
    shape = SHAPES[name]
    found = percentiles(shape.system, shape.serving, {}, ALL)
    low, high = shape.real
    for percentile, (mean, half) in band(shape, through_queues).items():
        assert (1 + low) * mean - half <= found[percentile] <= (1 + high) * mean + half, percentile


def test_a_balancer_that_knows_who_is_busy_only_does_better() -> None:
    """The model counts on random dispatch; a balancer that sends to the shortest queue is faster by a quarter here."""
    shape = SHAPES["several instances"]
    found = percentiles(shape.system, shape.serving, {}, ALL)
    for percentile, (mean, half) in band(shape, through_queues, shortest=True).items():
        assert mean + half < found[percentile], percentile
    assert found["p95"] / band(shape, through_queues, shortest=True)["p95"][0] > 1.1
