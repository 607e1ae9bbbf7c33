"""How fast code is written beside CDKTN synthesising the same resources, in one run: python benchmarks/writing.py

standfast  one plan of 400 resources and more on AWS in four languages: Terraform, Pulumi, CloudFormation, Ansible
cdktn      the living fork of CDKTF, which is archived: the same resources with the same arguments, in a Python program
           with the provider's typed classes, as people write it (`typed_cdktn.py`), and its `app.synth()`, which
           writes one language: Terraform, as JSON

Each is measured twice, in seconds of the processor, so that other work on the machine counts less:

alone      ours: from the blueprint to the text of every file, the median of seven in a process that has imported
           everything and read its tables (`emitting.py`). Theirs: from `App()` to the end of `synth()`, once, in a
           process that has imported everything and has synthesised an empty stack, so that Node has loaded the provider
whole      a process from its start to its end, with all it starts (CDKTN's classes run in Node) and the files on disk.
           Ours reads the blueprint from a file, as theirs has the resources in its program. Both ran once before, so
           that Python's modules are compiled and the provider is unpacked

What both wrote has to be the same: resources by type, and their arguments. CDKTN is installed into an environment that
is thrown away (--python: one that has it already); Node has to be on PATH, and /proc to exist. Goals: all four at least
50 times faster by both measures, under 100 MB, and a whole `standfast build` of the example under 2 s.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import re
import resource
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from standfast.blueprint import Base64, Block, Blueprint, Join, Json, Ref, Var, make_blueprints
from standfast.plan import Plan, make_plan
from standfast.spec import parse_spec

PINNED = ("cdktn==0.24.0", "cdktn-provider-aws==25.8.1")  # newest on PyPI, 2026-11-28
RESOURCES, FASTER, MEMORY, OWN = 400, 50.0, 100.0, 2.0
HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "shop.yaml"


def spec(services: int = 12, buckets: int = 12) -> str:
    """A chain of services, every fourth with a database, and stores of objects: easy to plan, and much to write."""
    lines = ["system: made", "promises:", "  scalability: {peak: 100 rps}", "  reliability: {availability: 95%}"]
    lines += ["rules: {regions: [eu-west-1]}", "services:"]
    for k in range(services):
        calls = [*([f"s{k + 1}"] if k + 1 < services else []), *([f"db{k}"] if k % 4 == 0 else [])]
        public = ", public: true" if k == 0 else ""
        more = f"cpu: 2 ms, memory: 300 MiB, calls: [{', '.join(calls)}]{public}"
        lines.append(f"  s{k}: {{image: 'acme/s{k}:1', {more}}}")
    lines += ["stores:", *(f"  db{k}: {{kind: postgres, data: 20 GiB}}" for k in range(0, services, 4))]
    return "\n".join([*lines, *(f"  files{k}: {{kind: objects, data: 20 GiB}}" for k in range(buckets))])


def made() -> tuple[Plan, tuple[Blueprint, ...]]:
    """The plan of the made-up spec, and its blueprints."""
    plan = make_plan(parse_spec(spec(), "made.yaml"))
    blueprints = make_blueprints(plan)
    found = sum(not one.data for one in blueprints[0].resources)
    if found < RESOURCES:
        raise SystemExit(f"{found} resources are fewer than {RESOURCES}: make the spec larger")
    return plan, blueprints


def marked(value: Any) -> Any:
    """A value of a blueprint as JSON, its type beside it."""
    if isinstance(value, Ref):
        return {"ref": [value.address, value.attribute, value.inside]}
    if isinstance(value, Var):
        return {"var": [value.name, value.index]}
    if isinstance(value, Join):
        return {"join": marked(value.parts)}
    if isinstance(value, Json):
        return {"json": marked(value.document)}
    if isinstance(value, Base64):
        return {"base64": marked(value.text)}
    if isinstance(value, Block):
        return {"block": {key: marked(one) for key, one in value.settings.items()}}
    if isinstance(value, dict):
        return {"map": {key: marked(one) for key, one in value.items()}}
    return [marked(one) for one in value] if isinstance(value, (list, tuple)) else value


def program(python: str, blueprint: Blueprint, folder: Path) -> Path:
    """The blueprint as a program of CDKTN."""
    resources = [
        {
            "kind": one.kind,
            "name": one.name,
            "data": one.data,
            "settings": marked(dict(one.settings)),
            "lifecycle": one.lifecycle,
            "depends_on": one.depends_on,
        }
        for one in blueprint.resources
    ]
    variables = [(one.name, one.kind, one.default) for one in blueprint.variables]
    (folder / "resources.json").write_text(json.dumps({"variables": variables, "resources": resources}))
    words = [python, str(HERE / "typed_cdktn.py"), str(folder / "resources.json"), str(folder / "program.py")]
    ran(words, folder / "compiled")
    return folder / "program.py"


def ran(words: Sequence[str], compiled: Path) -> tuple[float, str]:
    """Seconds of the processor that a process and all below it take, and what it says; keeps its compiled modules."""
    here = {name: word for name, word in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    here |= {"PYTHONPYCACHEPREFIX": str(compiled)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, env=here, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words[0]} ended with {done.returncode}: {done.stderr[-800:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def compared(blueprint: Blueprint, ours: Path, theirs: Path) -> Counter[str]:
    """How many resources of each type were written: the same in both, and with the same arguments."""
    text = "\n".join(one.read_text() for one in sorted(ours.glob("*.tf")))
    mine = Counter(re.findall(r'^resource "(\w+)"', text, re.MULTILINE))
    wrote = json.loads((theirs / "stacks/made/cdk.tf.json").read_text())["resource"]
    yours = Counter({kind: len(those) for kind, those in wrote.items()})
    if mine != yours:
        raise SystemExit(f"not the same resources: {mine - yours} are ours alone, {yours - mine} CDKTN's")
    given, said = Counter[str](), Counter[str]()
    for one in blueprint.resources:
        around = {"depends_on": one.depends_on, "lifecycle": one.lifecycle}
        full = [key for key, value in {**one.settings, **around}.items() if value not in (None, (), [], {})]
        given.update(f"{one.kind}.{key}" for key in full if not one.data)
    for kind, those in wrote.items():
        said.update(f"{kind}.{key}" for one in those.values() for key in one if key != "//")
    if given != said:
        raise SystemExit(f"not the same arguments: {given - said} are ours alone, {said - given} CDKTN's")
    return mine


def environment(folder: Path) -> str:
    print(f"installing {' and '.join(PINNED)} into an environment that is thrown away", file=sys.stderr)
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *PINNED], check=True)
    return str(folder / "bin/python")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", help="the Python of an environment that has cdktn and cdktn-provider-aws")
    args = parser.parse_args()
    plan, blueprints = made()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = args.python or environment(folder / "env")
        (folder / "blueprint").write_bytes(pickle.dumps((plan, blueprints)))
        theirs = program(python, blueprints[0], folder)
        emitting = [sys.executable, str(HERE / "emitting.py"), str(folder / "blueprint")]
        synthesising = [python, str(theirs), str(folder / "theirs")]
        building = [sys.executable, "-m", "standfast", "build", str(EXAMPLE), "--out", str(folder / "built")]
        for _ in range(2):
            alone_of_ours = json.loads(ran(emitting, folder / "compiled")[1])
            whole, _ = ran([*emitting, str(folder / "ours")], folder / "compiled")
            whole_of_theirs, said = ran(synthesising, folder / "compiled")
            own, _ = ran(building, folder / "compiled")
        kinds = compared(blueprints[0], folder / "ours/terraform", folder / "theirs")
    seconds, spent = alone_of_ours["seconds"], json.loads(said)
    alone, alone_of_theirs = sum(seconds.values()), spent["make"] + spent["synth"]
    print(f"{kinds.total()} resources of {len(kinds)} types on AWS, the same from both; ms of the processor")
    print(f"{'':17}{'alone':>9}{'cdktn / this':>14}{'whole':>9}{'cdktn / this':>14}")
    for language, taken in seconds.items():
        print(f"  {language:<15}{1000 * taken:9.1f}{alone_of_theirs / taken:13.0f}x")
    ratios = alone_of_theirs / alone, whole_of_theirs / whole
    print(f"  {'all four':<15}{1000 * alone:9.1f}{ratios[0]:13.0f}x{1000 * whole:9.0f}{ratios[1]:13.0f}x")
    print(f"  {'cdktn':<15}{1000 * alone_of_theirs:9.0f}{'':14}{1000 * whole_of_theirs:9.0f}")
    print(f"cdktn alone: making the objects {spent['make']:.2f} s, synth() {spent['synth']:.2f} s")
    print(f"cdktn before that: imports, and Node loading the provider, {spent['load']:.2f} s")
    print(f"all four alone beside a whole run of cdktn: {whole_of_theirs / alone:.0f}x")
    print(f"goal {FASTER:g}x; most memory while writing {alone_of_ours['memory']:.0f} MB (goal {MEMORY:g} MB)")
    print(f"a whole build of {EXAMPLE.name}: {own:.2f} s (goal {OWN:g} s)")
    return 0 if min(ratios) >= FASTER and alone_of_ours["memory"] < MEMORY and own < OWN else 1


if __name__ == "__main__":
    raise SystemExit(main())
