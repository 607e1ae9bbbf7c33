"""How fast code is written beside CDKTN synthesising the same resources, in one run: python benchmarks/writing.py

standfast  `write_all`: one plan of 400 resources and more on AWS in every language that is for it (Terraform, Pulumi,
           CloudFormation, Ansible ...), with its pipelines; from the blueprint to the text of every file
cdktn      the living fork of CDKTF, which is archived: the same resources, with the same arguments, as
           `TerraformResource` of one stack, and `app.synth()`, which writes Terraform's JSON

Seconds are of the processor, so that other work on the machine counts less: ours are the median of RUNS after
everything is imported; theirs are of the process and its Node, less those of a process that synthesises an empty stack.
A program with the typed classes of a provider takes CDKTN far longer, a minute and more to load alone:
`TerraformResource` is its fastest way, and the harder one to beat. CDKTN is installed into an environment that is
thrown away (--python: one that has it already); Node has to be on PATH. Goals: at least 50 times faster, under 100 MB,
and a whole `standfast build` of the example under 2 s.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

from standfast.blueprint import Base64, Block, Blueprint, Join, Json, Ref, Var, make_blueprints
from standfast.code import languages_for, write_all
from standfast.plan import Plan, make_plan
from standfast.spec import parse_spec

PINNED = "cdktn==0.24.0"  # newest on PyPI, 2026-11-28
RESOURCES, RUNS, FASTER, MEMORY, OWN = 400, 5, 50.0, 100.0, 2.0
EXAMPLE = Path(__file__).parent.parent / "examples" / "shop.yaml"
SYNTHESISE = """
import json, sys
from cdktn import App, TerraformResource, TerraformStack

resources = json.load(open(sys.argv[1]))
app = App(outdir=sys.argv[2])
stack = TerraformStack(app, "made")
for kind, name, settings in resources:
    made = TerraformResource(stack, kind + "." + name, terraform_resource_type=kind)
    made.override_logical_id(name)
    for key, value in settings.items():
        made.add_override(key, value)
app.synth()
"""


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


def blueprint_of() -> tuple[Plan, tuple[Blueprint, ...]]:
    """The plan of the made-up spec, and its blueprints."""
    plan = make_plan(parse_spec(spec(), "made.yaml"))
    blueprints = make_blueprints(plan)
    found = sum(not one.data for one in blueprints[0].resources)
    if found < RESOURCES:
        raise SystemExit(f"{found} resources are fewer than {RESOURCES}: make the spec larger")
    return plan, blueprints


def emit() -> None:
    """In a process of its own: seconds by language and most memory, as JSON."""
    plan, blueprints = blueprint_of()
    seconds: dict[str, float] = {}
    for language in languages_for(plan):
        taken = []
        for _ in range(RUNS):
            began = time.process_time()
            written = write_all(plan, blueprints, [language])
            taken.append(time.process_time() - began)
        if language in written.languages:
            seconds[language] = statistics.median(taken)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory}))


def plain(value: Any) -> Any:
    """A value of a blueprint as Terraform's JSON has it."""
    if isinstance(value, Ref):
        return f"${{{value.address}.{value.attribute}}}"
    if isinstance(value, Var):
        return f"${{var.{value.name}}}"
    if isinstance(value, Join):
        return "".join(part if isinstance(part, str) else plain(part) for part in value.parts)
    if isinstance(value, Json):
        return json.dumps(plain(value.document))
    if isinstance(value, Base64):
        return plain(value.text)
    if isinstance(value, Block):
        return plain(value.settings)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def synthesise(python: str, folder: Path) -> tuple[float, int]:
    """Seconds of CDKTN, and how many resources it wrote."""
    _, blueprints = blueprint_of()
    resources = [(one.kind, one.name, plain(dict(one.settings))) for one in blueprints[0].resources if not one.data]
    spent = []
    for name, some in (("empty", []), ("made", resources)):
        (folder / f"{name}.json").write_text(json.dumps(some))
        words = [python, "-c", SYNTHESISE, str(folder / f"{name}.json"), str(folder / name)]
        spent.append(processor(words))
    wrote = json.loads((folder / "made/stacks/made/cdk.tf.json").read_text())["resource"]
    count = sum(len(one) for one in wrote.values())
    if count != len(resources):
        raise SystemExit(f"CDKTN wrote {count} of {len(resources)} resources")
    return spent[1] - spent[0], count


def processor(words: list[str]) -> float:
    """Seconds of the processor that a process and its own take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words[0]} ended with {done.returncode}: {done.stderr[-800:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def build() -> float:
    """Seconds that a whole `standfast build` of the example takes, with all languages and documents."""
    with tempfile.TemporaryDirectory() as folder:
        return processor([sys.executable, "-m", "standfast", "build", str(EXAMPLE), "--out", folder])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", help="the Python of an environment that has cdktn")
    parser.add_argument("--emit", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.emit:
        emit()
        return 0
    with tempfile.TemporaryDirectory() as name:
        python = args.python
        if not python:
            print(f"installing {PINNED} into an environment that is thrown away", file=sys.stderr)
            venv.create(f"{name}/env", with_pip=True)
            python = f"{name}/env/bin/python"
            subprocess.run([python, "-m", "pip", "install", "--quiet", PINNED], check=True)
        done = subprocess.run([sys.executable, __file__, "--emit"], check=True, capture_output=True, text=True)
        ours = json.loads(done.stdout)
        theirs, count = synthesise(python, Path(name))
    seconds, own = sum(ours["seconds"].values()), build()
    print(f"{count} resources on AWS")
    for language, taken in ours["seconds"].items():
        print(f"  {language:<15} {1000 * taken:8.1f} ms   cdktn / this: {theirs / taken:,.0f}x")
    faster = theirs / seconds
    print(f"  all of them     {1000 * seconds:8.1f} ms   cdktn / this: {faster:,.0f}x (goal {FASTER:g}x)")
    print(f"  cdktn           {1000 * theirs:8.1f} ms   Terraform's JSON alone")
    print(f"  most memory     {ours['memory']:8.1f} MB   planning and all (goal {MEMORY:g} MB)")
    print(f"a whole build of {EXAMPLE.name}: {own:.2f} s of processor (goal {OWN:g} s)")
    return 0 if faster >= FASTER and ours["memory"] < MEMORY and own < OWN else 1


if __name__ == "__main__":
    raise SystemExit(main())
