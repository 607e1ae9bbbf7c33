"""How fast a plan over three clouds is beside SkyPilot's optimizer, in one run: python benchmarks/skypilot.py

standfast  `standfast plan SPEC --format json` on a made-up spec (specs.py) of 10 services and 4 stores over AWS, Azure
           and GCP with all their regions: sizes, counts, zones, databases, caches, availability, p95 and recovery
skypilot   `Optimizer.optimize` on a chain of 10 tasks, each with the cores and memory of one of those services, over a
           catalog of its own form with the same servers in the same regions at the same prices, row for row

Both are whole processes, in turn, median of RUNS after one to warm the caches and to compile modules. SkyPilot is
installed into an environment that is thrown away (--python: one that has it already), finds its catalog in a home of
its own, sends nothing, and takes all three clouds as enabled: what it would ask of an account is answered here.
Goal: at least 5 times faster. As a base, the second line is what each takes only to be imported.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

from specs import spec

from standfast.clouds import clouds, load_catalog
from standfast.spec import parse_spec

PINNED = "skypilot==0.14.1"  # newest on PyPI, 2026-11-23
SERVICES, RUNS, GOAL = 10, 5, 5.0
MOST = 600.0  # seconds for one process
COLUMNS = (
    "InstanceType", "vCPUs", "MemoryGiB", "AcceleratorName", "AcceleratorCount", "GpuInfo", "Price", "SpotPrice",
    "Region", "AvailabilityZone", "Generation", "Arch", "LocalDiskType", "LocalDiskSize", "LocalDiskCount",
    "NVMeSupported",
)  # fmt: skip
CHAIN = """
import json, sys
import sky
from sky import check, clouds
from sky.optimizer import Optimizer

enabled = [clouds.AWS(), clouds.Azure(), clouds.GCP()]
check.get_cached_enabled_clouds_or_refresh = lambda *args, **named: enabled
with sky.Dag() as dag:
    before = None
    for name, vcpu, memory in json.loads(sys.argv[1]):
        task = sky.Task(name=name)
        task.set_resources(sky.Resources(cpus=f"{vcpu}+", memory=f"{memory}+"))
        task.set_time_estimator(lambda resources: 3600)
        if before:
            before >> task
        before = task
Optimizer.optimize(dag, minimize=sky.OptimizeTarget.COST, quiet=True)
print(json.dumps({task.name: str(task.best_resources) for task in dag.tasks}))
"""


def environment(folder: Path) -> str:
    """The Python of a new environment with SkyPilot in it."""
    print(f"installing {PINNED} into an environment that is thrown away", file=sys.stderr, flush=True)
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run((python, "-m", "pip", "install", "--quiet", PINNED), check=True)
    return python


def write_catalog(root: Path) -> int:
    """Every server of every region of our catalogs as SkyPilot reads them: one file per cloud. The number of rows."""
    written = 0
    for cloud in clouds():
        catalog, path = load_catalog(cloud), root / cloud / "vms.csv"
        path.parent.mkdir(parents=True)
        with path.open("w", newline="") as file:
            rows = csv.DictWriter(file, COLUMNS)
            rows.writeheader()
            for region in catalog.regions():
                shelf = catalog.shelf(region.name, "server")
                zone = "" if cloud == "azure" else f"{region.name}-a"  # Azure has none in SkyPilot's catalog
                for row in range(len(shelf)):
                    rows.writerow({
                        "InstanceType": shelf.name[row], "vCPUs": shelf.vcpu[row], "MemoryGiB": shelf.memory[row],
                        "Price": shelf.usd_hour[row], "Region": region.name, "AvailabilityZone": zone,
                        "Generation": "V2" if cloud == "azure" else "", "Arch": shelf.arch[row],
                    })  # fmt: skip
                written += len(shelf)
    return written


def chain(text: str) -> list[tuple[str, int, int]]:
    """A task per service of a spec: name, vCPU, GiB, in the order of the spec."""
    system = parse_spec(text, "made.yaml")
    return [(one.name, 2, max(1, round(one.memory + 0.5))) for one in system.services]


def seconds(words: Sequence[str], surroundings: Mapping[str, str]) -> tuple[float, str]:
    """Of one whole process, and what it printed. It must end well (a plan may also be broken or unknown)."""
    began = time.perf_counter()
    done = subprocess.run(words, env=surroundings, capture_output=True, text=True, timeout=MOST, check=False)
    took = time.perf_counter() - began
    if not done.stdout.strip():
        sys.exit(f"{' '.join(words[:4])} printed nothing:\n{done.stderr[-2000:]}")
    return took, done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", metavar="PATH", help=f"a Python that has {PINNED} installed")
    parser.add_argument("--runs", type=int, default=RUNS)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = args.python or environment(folder / "environment")
        here = {name: word for name, word in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        here |= {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}  # the first run of each compiles, the others do not
        alone = here | {"HOME": str(folder / "home"), "SKYPILOT_DISABLE_USAGE_COLLECTION": "1"}
        ask = "from sky.skylet import constants; import sky; print(constants.CATALOG_SCHEMA_VERSION, sky.__version__)"
        schema, version = seconds((python, "-c", ask), alone)[1].split()
        rows = write_catalog(folder / "home" / ".sky" / "catalogs" / schema)
        text = spec(SERVICES, clouds=clouds())
        (folder / "made.yaml").write_text(text)
        ours = (sys.executable, "-m", "standfast", "plan", str(folder / "made.yaml"), "--format", "json")
        theirs = (python, "-c", CHAIN, json.dumps(chain(text)))
        bases = (sys.executable, "-c", "import numpy, highspy; print(1)"), (python, "-c", "import sky; print(1)")
        taken: dict[tuple[str, ...], list[float]] = {words: [] for words in (ours, theirs, *bases)}
        said: dict[tuple[str, ...], str] = {}
        for run in range(args.runs + 1):
            for words, times in taken.items():
                took, said[words] = seconds(words, alone if words[0] == python else here)
                times += [took] * (run > 0)
    plan, chosen = json.loads(said[ours]), json.loads(said[theirs].strip().splitlines()[-1])
    first, second, bare, imported = (statistics.median(times) for times in taken.values())
    print(f"{rows:,} servers in {len(clouds())} clouds; {SERVICES} services; median of {args.runs} runs")
    print(f"{'':<10} {'standfast':>10} {'skypilot':>10} {'ratio':>7}")
    print(f"{'plan':<10} {first:8.2f} s {second:8.2f} s {second / first:6.2f}x  (goal: at least {GOAL:g}x)")
    print(f"{'imports':<10} {bare:8.2f} s {imported:8.2f} s {imported / bare:6.2f}x")
    print(f"standfast  {plan['cloud']} {plan['region']}, gap {plan['gap']:.3%}: {len(plan['choices'])} choices")
    print(f"skypilot   {version}: {', '.join(sorted(set(chosen.values())))}")


if __name__ == "__main__":
    main()
