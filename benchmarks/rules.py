"""Rules of objectives: how fast 400 are written for every back end, and what they cost a server beside Sloth's.

Both rule sets are evaluated by one Prometheus on loopback in one run, over the same three days of counters.
Usage: python benchmarks/rules.py [OBJECTIVES] [INSTANCES]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.shop import shop_plan
from tests.watch.sloth import sloth_group

from standfast.plan import Plan
from standfast.programs import find_program
from standfast.watch import back_ends
from standfast.watch.prometheus import as_yaml
from standfast.watch.prometheus.objectives import HISTOGRAM, objective_groups
from standfast.watch.signals import Signals, signals_of

PORT, EVERY, SECONDS, DAYS = 19_091, 10, 25, 3.1


def main(objectives: int = 5, instances: int = 4) -> None:
    plan = shop_plan()
    first = signals_of(plan).objectives[0]
    many = [replace(first, name=f"o{n}", services=(f"s{n}",)) for n in range(400)]
    began = time.process_time()
    text = as_yaml({"groups": [group for one in many for group in objective_groups(plan, one)]}, "400")
    took = time.process_time() - began
    print(f"400 objectives as rules: {took:.2f} s of the processor, {len(text) / 2**20:.1f} MiB")
    _written(plan, replace(signals_of(plan), objectives=tuple(replace(one, services=first.services) for one in many)))
    ours = [group for one in many[:objectives] for group in objective_groups(plan, one)]
    theirs = []
    for one in many[:objectives]:
        of = f'{HISTOGRAM}_count{{system="shop",service="{one.services[0]}"'
        bad = f'sum(rate({of},http_response_status_code=~"5.."}}[{{window}}]))'
        theirs.append(sloth_group(one.name, 0.999, bad, f"sum(rate({of}}}[{{window}}]))"))
    every = {group["name"]: float(group["interval"].removesuffix("s")) for group in [*ours, *theirs]}
    for group in [*ours, *theirs]:
        group["interval"] = f"{EVERY}s"  # so that each is seen in this run; what it costs is reckoned by its own
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.yml").write_text(as_yaml({"groups": [*ours, *theirs]}, "both"))
        (folder / "prometheus.yml").write_text("rule_files: [rules.yml]\n")
        _filled(folder, objectives, instances)
        cost = _measured(folder, every)
    us, them = (sum(took for name, took in cost.items() if name.startswith("sloth-") == sloth) for sloth in (0, 1))
    print(f"{objectives} objectives of {instances} instances: ours {us * 1e3:.2f} ms of evaluation a second, "
          f"Sloth's {them * 1e3:.2f}: {us / them:.2f} of it")  # fmt: skip


def _written(plan: Plan, signals: Signals) -> None:
    """Everything that each back end writes of 400 objectives."""
    for name in back_ends():
        back_end = import_module(f"standfast.watch.{name}")
        back_end.write(plan, signals_of(plan))  # what is loaded is loaded
        began = time.process_time()
        files = back_end.write(plan, signals)
        took, size = time.process_time() - began, sum(len(one.text) for one in files) / 2**20
        print(f"  all of {name}: {took:.2f} s of the processor, {len(files)} files, {size:.1f} MiB")


def _filled(folder: Path, objectives: int, instances: int) -> None:
    """Counters each 30 s, and what our rules would have recorded of them."""
    now = int(time.time()) // 30 * 30
    times = range(now - int(DAYS * 86_400), now + 1, 30)
    with (folder / "history.om").open("w") as out:
        for n in range(objectives):
            for one in range(instances):
                for code, rate in (("200", 300), ("500", 1)):
                    of = f'service="s{n}",instance="i{one}",http_response_status_code="{code}"'
                    out.writelines(f'{HISTOGRAM}_count{{system="shop",{of}}} {rate * at} {when}\n'
                                   for at, when in enumerate(times))  # fmt: skip
        for metric, value in (("requests", 40), ("errors", 0.1)):
            for n in range(objectives):
                of = f'system="shop",objective="o{n}"'
                out.writelines(f"standfast:{metric}:rate5m{{{of}}} {value} {when}\n" for when in times)
        out.write("# EOF\n")
    tool = find_program("promtool", install="install prometheus")
    made = [str(tool), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=96h", "history.om", "data"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)


def _measured(folder: Path, every: dict[str, float]) -> dict[str, float]:
    """Seconds of evaluation in each second, by group."""
    command = [str(find_program("prometheus")), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
               f"--web.listen-address=127.0.0.1:{PORT}"]  # fmt: skip
    running = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(SECONDS)
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/rules", timeout=10) as answer:
            groups = json.load(answer)["data"]["groups"]
    finally:
        running.terminate()
        running.wait()
    return {one["name"]: one["evaluationTime"] / every[one["name"]] for one in groups}


main(*map(int, sys.argv[1:]))
