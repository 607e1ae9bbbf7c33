"""A stand-in for the `pulumi` program and its engine, so that `pulumi.automation` runs unmodified without either.

It speaks the engine's own protocol to a program (ResourceMonitor and Engine over gRPC, from the stubs in the SDK),
keeps a state in JSON, compares what is asked with what stands, and holds every resource against the SDK's metadata.

What it is not: it knows no provider, so it cannot tell a replacement from an update, nor what a cloud would refuse; it
encrypts nothing, and knows no components, aliases, transforms or imports. That it takes a program does not mean that
the real engine would deploy it. It creates nothing anywhere.

    engine.py version | stack init|select|output|history|export ... | config set-all ... | preview|up|destroy ...
"""

from __future__ import annotations

import asyncio
import json
import runpy
import sys
from collections import Counter
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import yaml
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import Settings, configure, set_all_config, stack
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2, resource_pb2_grpc

sys.path.insert(0, str(Path(__file__).parent))
import strict

VERSION = "v3.200.0"  # one that writes its events to a file
ROOT = "pulumi:pulumi:Stack"
PROVIDER = "pulumi:providers:"


class State:
    """What stands, in a file beside the program; what is asked for in one run, and how the two differ."""

    def __init__(self, name: str) -> None:
        self.project = yaml.safe_load(Path("Pulumi.yaml").read_text())["name"]
        self.stack, self.file = name, Path(f".stand-in.{name}.json")
        kept = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.config: dict[str, str] = kept.get("config", {})
        self.stands: dict[str, Any] = kept.get("stands", {})
        self.outputs: dict[str, Any] = kept.get("outputs", {})
        self.last: dict[str, int] = kept.get("last", {})
        self.asked: dict[str, Any] = {}
        self.changes: Counter[str] = Counter()

    def keep(self) -> None:
        kept = {"config": self.config, "stands": self.stands, "outputs": self.outputs, "last": self.last}
        self.file.write_text(json.dumps(kept, indent=1, sort_keys=True))

    def urn(self, kind: str, name: str) -> str:
        return f"urn:pulumi:{self.stack}::{self.project}::{kind}::{name}"


class Engine(engine_pb2_grpc.EngineServicer):
    """Where a program logs to, and asks what all its resources belong to."""

    def __init__(self) -> None:
        self.root = ""

    def Log(self, request: Any, context: Any) -> Any:
        if request.severity >= engine_pb2.ERROR:
            print(request.message, file=sys.stderr)
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: Any) -> Any:
        return engine_pb2.GetRootResourceResponse(urn=self.root)

    def SetRootResource(self, request: Any, context: Any) -> Any:
        self.root = request.urn
        return engine_pb2.SetRootResourceResponse()


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """What a program asks for, answered from the state, or with values that only tell whose they are."""

    def __init__(self, state: State, preview: bool) -> None:
        self.state, self.preview, self.faults = state, preview, []  # type: ignore[var-annotated]

    def SupportsFeature(self, request: Any, context: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in ("secrets", "outputValues"))

    def Invoke(self, request: Any, context: Any) -> Any:
        given = _plain(request.args)
        self.faults += strict.call_faults(request.tok, given)
        found = strict.given(request.tok, json.dumps(given, sort_keys=True), strict.result_class(request.tok))
        return provider_pb2.InvokeResponse(**{"return": _struct(found)})

    ResourceInvoke = Invoke  # as the SDK of before called it

    def RegisterResource(self, request: Any, context: Any) -> Any:
        kind, name = request.type, request.name
        urn = self.state.urn(kind, name)
        if kind == ROOT:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if urn in self.state.asked:
            context.abort(
                grpc.StatusCode.ALREADY_EXISTS, f"Duplicate resource URN '{urn}'; try giving it a unique name"
            )
        inputs = {key: value for key, value in _plain(request.object).items() if value is not None}
        known = {key: _parsed(value) if kind.startswith(PROVIDER) else value for key, value in inputs.items()}
        if found := list(strict.faults(kind, known, f"{kind}({name})")):
            self.faults += found
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "; ".join(found))
        if not kind.startswith(PROVIDER) and not request.provider:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{urn} names no provider, and the default is disabled")
        one = {"inputs": inputs, "options": _options(request), "needs": sorted(request.dependencies)}
        return self._answer(urn, kind, name, one)

    def _answer(self, urn: str, kind: str, name: str, one: dict[str, Any]) -> Any:
        stood = self.state.stands.get(urn)
        same = stood is not None and all(stood[key] == one[key] for key in ("inputs", "options"))
        self.state.changes["same" if same else "update" if stood else "create"] += 1
        cls = strict.resource_class(kind)
        if self.preview and not stood:
            self.state.asked[urn] = one
            return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=_struct(one["inputs"]))
        made = strict.given(kind, name, cls) if cls else {}
        self.state.asked[urn] = {**one, "id": f"<{kind}|{name}|id>"}
        return resource_pb2.RegisterResourceResponse(urn=urn, id=f"<{kind}|{name}|id>", object=_struct(made))

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        self.state.asked["outputs"] = {key: strict.revealed(value) for key, value in _plain(request.outputs).items()}
        return empty_pb2.Empty()


def _options(request: Any) -> dict[str, Any]:
    """What governs a resource's life."""
    return {
        "protect": request.protect, "ignore_changes": list(request.ignoreChanges),
        "delete_before_replace": request.deleteBeforeReplace, "provider": request.provider.split("::")[-2:-1],
        "timeouts": request.customTimeouts.create,
    }  # fmt: skip


def _plain(message: Any) -> dict[str, Any]:
    return json_format.MessageToDict(message)


def _struct(value: dict[str, Any]) -> Any:
    found = struct_pb2.Struct()
    found.update({key: one for key, one in value.items() if one is not None})
    return found


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def run(state: State, preview: bool) -> list[str]:
    """Runs the program of this folder against the state; what was wrong."""
    engine, monitor = Engine(), Monitor(state, preview)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    configure(Settings(project=state.project, stack=state.stack, monitor=address, engine=address, dry_run=preview))
    set_all_config(state.config, [])
    sys.path.insert(0, str(Path.cwd()))
    try:
        asyncio.run(stack.run_in_stack(lambda: runpy.run_path("__main__.py", run_name="__main__") and None))
    except BaseException as wrong:
        return [*monitor.faults, f"{type(wrong).__name__}: {wrong}"]
    finally:
        server.stop(0)
    gone = state.stands.keys() - state.asked.keys()
    state.changes["delete"] += len(gone)
    return monitor.faults


def deploy(verb: str, state: State, log: str) -> int:
    """`preview`, `up` or `destroy`. 255 where the program or one of its resources is wrong."""
    if verb == "destroy":
        guarded = [urn for urn, one in state.stands.items() if one["options"]["protect"]]
        if guarded:
            print(f"protected: {', '.join(guarded)}", file=sys.stderr)
            return 255
        state.changes["delete"] = len(state.stands)
        state.stands, state.outputs = {}, {}
    else:
        wrong = run(state, verb == "preview")
        if wrong:
            print("\n".join(wrong), file=sys.stderr)
            return 255
        if verb == "up":
            state.outputs = state.asked.pop("outputs", {})
            state.stands = state.asked
    changes = {kind: count for kind, count in state.changes.items() if count}
    if verb != "preview":
        state.last = changes
        state.keep()
    events = [
        {"summaryEvent": {"maybeCorrupt": False, "durationSeconds": 1, "resourceChanges": changes, "policyPacks": {}}}
    ]
    events.append({"cancelEvent": {}})
    lines = [json.dumps({"sequence": number, "timestamp": 0, **event}) for number, event in enumerate(events)]
    if log:  # `up` asks for none unless somebody listens
        Path(log).write_text("\n".join(lines) + "\n")
    return 0


def _after(words: list[str], flag: str, default: str = "") -> str:
    return words[words.index(flag) + 1] if flag in words else default


def main(words: list[str]) -> int:
    verb = words[0]
    if verb == "version":
        print(VERSION)
        return 0
    state = State(_after(words, "--stack", words[-1] if words[:2] == ["stack", "init"] else "test"))
    if verb in ("preview", "up", "destroy"):
        return deploy(verb, state, _after(words, "--event-log"))
    if words[:2] == ["config", "set-all"]:
        pairs = [words[at + 1].split("=", 1) for at, word in enumerate(words) if word in ("--plaintext", "--secret")]
        state.config |= {f"{state.project}:{key}": value for key, value in pairs}
        state.keep()
    elif words[:2] == ["stack", "output"]:
        print(json.dumps(state.outputs))
    elif words[:2] == ["stack", "history"]:
        now = {"startTime": "2026-01-01T00:00:00.000Z", "endTime": "2026-01-01T00:00:00.000Z", "environment": {}}
        now |= {"config": {}}
        print(
            json.dumps([{**now, "kind": "update", "message": "", "result": "succeeded", "resourceChanges": state.last}])
        )
    return 0


if __name__ == "__main__":
    sys.exit(main([word for word in sys.argv[1:] if word != "--non-interactive"]))
