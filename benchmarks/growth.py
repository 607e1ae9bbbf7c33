"""How the plan grows with the services, in one run: python benchmarks/growth.py [--most SERVICES] [--clouds N]

Made-up specs (specs.py) of 10, 100 and 1,000 services over every region of one cloud (aws) and of three. Each line is
one whole process of `standfast plan SPEC --format json`: seconds, most memory, and the proven gap: nothing is cheaper
by more than this share. A process that found no plan, or could not tell, says so. The exponent is that of the seconds
from one size to the next: 1 is linear.
Goals: at most 1.2 from 10 to 100 to 1,000 services; at 1,000 a gap of 0.1 % at most, under 1 GB.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from specs import spec

SIZES = (10, 100, 1000)
CLOUDS = {1: ("aws",), 3: ("aws", "azure", "gcp")}
EXPONENT, GAP, MEMORY = 1.2, 0.001, 1000.0  # the goals; MB
PATIENCE = 1800.0  # seconds for one process


@dataclass(frozen=True)
class Run:
    """One process: seconds, MB at the most, the proven gap and USD a month; `said`: why there is no plan."""

    seconds: float
    memory: float
    gap: float = math.nan
    monthly: float = math.nan
    said: str = ""


def planned(path: Path, compiled: Path) -> Run:
    """`standfast plan` of one spec as a process of its own, its modules compiled before in a folder."""
    here = {name: word for name, word in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    here |= {"PYTHONPYCACHEPREFIX": str(compiled)}
    words = (sys.executable, "-m", "standfast", "plan", str(path), "--format", "json")
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began, late = time.perf_counter(), False
        process = subprocess.Popen(words, env=here, stdout=out, stderr=err)
        while True:
            found, status, usage = os.wait4(process.pid, os.WNOHANG)
            if found:
                break
            if not late and time.perf_counter() - began > PATIENCE:
                process.kill()
                late = True
            time.sleep(0.005)
        seconds, memory = time.perf_counter() - began, usage.ru_maxrss / 1024
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text, errors = out.read().decode(), err.read().decode()
    if late or not text:
        said = f"stopped after {PATIENCE:g} s" if late else _said(errors)
        return Run(seconds, memory, said=said or f"exit code {process.returncode}")
    plan = json.loads(text)
    return Run(seconds, memory, plan["gap"], plan["monthly_usd"]["typical"])


def _said(errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip().startswith("why")]
    return lines[0].removeprefix("why").strip() if lines else " ".join(errors.split())[-100:]


def exponent(one: Run, other: Run, sizes: tuple[int, int]) -> float:
    return math.log(other.seconds / one.seconds) / math.log(sizes[1] / sizes[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=max(SIZES), help="leave out larger specs")
    parser.add_argument("--clouds", type=int, choices=tuple(CLOUDS), help="only over so many clouds")
    args = parser.parse_args()
    print(f"{'clouds':>6} {'services':>8} {'seconds':>9} {'memory':>8} {'gap':>8} {'USD/month':>10} {'exponent':>8}")
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        smallest = Path(folder) / "made-1.yaml"
        smallest.write_text(spec(1))
        planned(smallest, Path(folder) / "compiled")  # warms the caches
        for count, clouds in CLOUDS.items():
            last: tuple[int, Run] | None = None
            for size in [one for one in SIZES if one <= args.most and args.clouds in (None, count)]:
                path = Path(folder) / f"made-{size}-{count}.yaml"
                path.write_text(spec(size, clouds=clouds))
                run = planned(path, Path(folder) / "compiled")
                grown = exponent(last[1], run, (last[0], size)) if last else math.nan
                print(
                    f"{count:6d} {size:8,d} {run.seconds:7.1f} s {run.memory:5,.0f} MB "
                    + (run.said or f"{run.gap:8.3%} {run.monthly:10,.0f} {grown:8.2f}"),
                    flush=True,
                )
                checks = {
                    "gap": run.gap <= GAP,
                    "memory": run.memory < MEMORY,
                    "growth": not run.said and not grown > EXPONENT,
                }
                missed += [f"{name} of {size:,} services over {count}" for name, kept in checks.items() if not kept]
                last = (size, run)
    print(f"goals: exponent at most {EXPONENT:g}, gap at most {GAP:.1%}, under {MEMORY:,.0f} MB")
    print("missed: " + ", ".join(missed) if missed else "all kept")


if __name__ == "__main__":
    main()
