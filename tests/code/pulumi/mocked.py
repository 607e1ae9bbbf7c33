"""Runs Pulumi programs under the SDK's own mocks, held strictly, and tells what each registered.

    .tools/pulumi/bin/python tests/code/pulumi/mocked.py PROGRAM... < settings of each.json > told.json

Told of each: `resources` (type, name, inputs, provider), `looked_up`, `exports`, `faults` (of the strict check) and
`error`.
"""

from __future__ import annotations

import json
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, settings, stack

sys.path.insert(0, str(Path(__file__).parent))
import strict


class Strict(mocks.Mocks):
    def __init__(self) -> None:
        self.told: dict[str, Any] = {"resources": [], "looked_up": [], "exports": {}, "faults": [], "error": ""}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = dict(args.inputs)
        if args.typ.startswith("pulumi:providers:"):  # their nested values travel as JSON
            inputs = {key: _parsed(value) for key, value in inputs.items()}
        provider = (args.provider or "").split("::")
        one = {"type": args.typ, "name": args.name, "inputs": inputs, "provider": provider[-2] if provider[1:] else ""}
        if args.typ != "pulumi:pulumi:Stack":
            self.told["resources"].append(one)
            self.told["faults"] += strict.faults(args.typ, inputs, f"{args.typ}({args.name})")
        cls = strict.resource_class(args.typ) if args.typ != "pulumi:pulumi:Stack" else None
        given = strict.given(args.typ, args.name, cls) if cls else {}
        return f"<{args.typ}|{args.name}|id>", given

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        given = {key: value for key, value in args.args.items() if value is not None}
        self.told["looked_up"].append({"type": args.token, "inputs": given})
        self.told["faults"] += strict.call_faults(args.token, given)
        return strict.given(args.token, json.dumps(given, sort_keys=True), strict.result_class(args.token))


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def run(program: Path, config: dict[str, str]) -> dict[str, Any]:
    held = Strict()
    settings.SETTINGS.rpc_manager.clear()
    settings.SETTINGS.outputs.clear()
    mocks.set_mocks(held, project="shop", stack="test", preview=False)
    pulumi.runtime.set_all_config({f"shop:{key}": value for key, value in config.items()}, [])
    before, path = set(sys.modules), list(sys.path)
    sys.path.insert(0, str(program))

    async def whole() -> None:
        await stack.run_pulumi_func(lambda: runpy.run_path(str(program / "__main__.py"), run_name="__main__") and None)
        for name, value in settings.get_root_resource().outputs.items():
            held.told["exports"][name] = await pulumi.Output.from_input(value).future()

    try:
        mocks._sync_await(whole())
    except BaseException as wrong:
        held.told["error"] = "".join(traceback.format_exception_only(wrong)).strip()
    sys.path[:] = path
    for name in set(sys.modules) - before:  # the next program has modules of the same names
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(program)):
            del sys.modules[name]
    return held.told


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump([run(Path(one).resolve(), its) for one, its in zip(sys.argv[1:], given, strict=True)], sys.stdout)
