"""How fast the plan is, as ratios measured in one run: python benchmarks/plan.py [SPEC]

plan      `standfast plan SPEC --format json` over every AWS region, against `python -c "import numpy, highspy"`;
          goal: under 5 times, under 250 MB
version   `standfast --version` against `python -c pass`; goal: under 5 times
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 7
EXAMPLE = Path(__file__).parent.parent / "examples" / "shop.yaml"


def median(*words: str) -> float:
    """Median seconds of a whole process over RUNS runs, after one to warm the caches."""
    times = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def report(name: str, ours: float, base: float, goal: float) -> None:
    print(f"{name:<10} {ours * 1000:7.0f} ms  {base * 1000:7.0f} ms  {ours / base:5.2f}x  (goal: under {goal:g}x)")


def main() -> None:
    spec = Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLE
    text = spec.read_text().replace("residency: EU", "residency: any")
    with tempfile.TemporaryDirectory() as folder:
        everywhere = Path(folder) / spec.name
        everywhere.write_text(text)
        python, module = sys.executable, "standfast"
        plan = (python, "-m", module, "plan", str(everywhere), "--format", "json")
        print(f"{'':<10} {'ours':>10} {'base':>11} {'ratio':>7}")
        report("plan", median(*plan), median(python, "-c", "import numpy, highspy"), 5)
        report("version", median(python, "-m", module, "--version"), median(python, "-c", "pass"), 5)
        subprocess.run(plan, stdout=subprocess.DEVNULL, check=False)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{'memory':<10} {memory:7.0f} MB of the plan's process  (goal: under 250 MB)")


if __name__ == "__main__":
    main()
