"""A stand-in for a Terraform provider, speaking plugin protocol 6 to the real Terraform: plugin.py SCHEMA VALUES

It serves the provider's schema (see `schemas/`) and keeps nothing: what is planned is what was asked, what a cloud
would decide is made up from the resource's type and name. It refuses values that the tables in `values/` do not
know. What it cannot know: rules across fields, other validators, what forces a replacement, what a cloud refuses.

Runs in an environment of its own (scripts/providers/plugin.txt), so it imports nothing of the project.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import msgpack
from tf.gen import grpc_controller_pb2 as controller
from tf.gen import grpc_controller_pb2_grpc as controller_grpc
from tf.gen import grpc_stdio_pb2_grpc as stdio_grpc
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as pb_grpc

NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
SCHEMA = dict[str, Any]


class Unknown:
    """A value that is told when it is applied."""


UNKNOWN = Unknown()


def decoded(value: pb.DynamicValue) -> Any:
    return msgpack.unpackb(value.msgpack, ext_hook=lambda *_: UNKNOWN, strict_map_key=False)


def encoded(value: Any) -> pb.DynamicValue:
    return pb.DynamicValue(msgpack=msgpack.packb(value, default=lambda _: msgpack.ExtType(0, b"\0")))


def block(schema: SCHEMA) -> pb.Schema.Block:
    """A schema as the protocol tells it."""
    attributes, blocks = [], []
    for name, one in schema.items():
        if isinstance(one, dict):
            limits = {"min_items": one["min"], "max_items": one["max"]} if one["nesting"] != "single" else {}
            nested = block(one["block"])
            blocks.append(
                pb.Schema.NestedBlock(type_name=name, block=nested, nesting=NESTING[one["nesting"]], **limits)
            )
        else:
            words = {word: True for word in one[0].split() if word != "write-only"}
            attributes.append(pb.Schema.Attribute(name=name, type=json.dumps(one[1]).encode(), **words))
    return pb.Schema.Block(attributes=attributes, block_types=blocks)


def nested(schema: SCHEMA, value: dict[str, Any]) -> Iterator[tuple[str, SCHEMA, dict[str, Any]]]:
    """Each object in the nested blocks of a value, with its name and schema."""
    for name, one in schema.items():
        held = value.get(name) if isinstance(one, dict) else None
        if held is None or held is UNKNOWN:
            continue
        for item in [held] if one["nesting"] == "single" else held.values() if isinstance(held, dict) else held:
            if isinstance(item, dict):
                yield name, one["block"], item


def undecided(schema: SCHEMA, value: dict[str, Any]) -> dict[str, Any]:
    """A planned object in which all that the provider decides is unknown yet."""
    for _, inner, item in nested(schema, value):
        undecided(inner, item)
    for name, one in schema.items():
        if isinstance(one, list) and "computed" in one[0] and value.get(name) is None:
            value[name] = UNKNOWN
    return value


def decided(schema: SCHEMA, value: dict[str, Any], where: str) -> dict[str, Any]:
    """The object with everything known: what is unknown gets a value of its type, the same one every time."""
    for name, inner, item in nested(schema, value):
        decided(inner, item, f"{where}/{name}")
    for name, one in schema.items():
        if isinstance(one, list):
            value[name] = _known(one[1], value.get(name), f"{where}/{name}")
    return value


def _known(kind: Any, value: Any, where: str) -> Any:
    if value is UNKNOWN:
        return made_up(kind, where)
    if isinstance(value, list):
        element = kind[1] if isinstance(kind, list) else "dynamic"
        return [_known(element, one, f"{where}/{number}") for number, one in enumerate(value)]
    if isinstance(value, dict) and isinstance(kind, list):
        kinds = kind[1] if kind[0] == "object" else dict.fromkeys(value, kind[1])
        return {name: _known(kinds[name], one, f"{where}/{name}") for name, one in value.items()}
    return value


def made_up(kind: Any, where: str) -> Any:
    if isinstance(kind, list):
        if kind[0] == "object":
            return {name: made_up(one, f"{where}/{name}") for name, one in kind[1].items()}
        if kind[0] == "map":
            return {}
        return [made_up(kind[1], f"{where}/0")]
    mark = hashlib.sha256(where.encode()).hexdigest()[:8]
    return {"string": f"made-up-{where.split('/')[-1]}-{mark}", "number": 1, "bool": False}[kind]


class Values:
    """Which values an attribute takes. CSV: kind, attribute (`os_disk.caching`), values (`None|ReadOnly`) or pattern"""

    def __init__(self, path: Path) -> None:
        self.tables: dict[tuple[str, str], tuple[frozenset[str], str]] = {}
        if path.exists():
            for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
                allowed = frozenset(row["values"].split("|")) if row["values"] else frozenset()
                self.tables[row["kind"], row["attribute"]] = allowed, row["pattern"]

    def refused(self, kind: str, schema: SCHEMA, value: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
        for name, inner, item in nested(schema, value):
            yield from self.refused(kind, inner, item, f"{path}{name}.")
        for name, said in value.items():
            allowed, pattern = self.tables.get((kind, path + name), (frozenset(), ""))
            for one in said if isinstance(said, list) else [said]:
                if one is None or one is UNKNOWN or isinstance(one, dict):
                    continue
                text = str(one).lower() if isinstance(one, bool) else str(one)
                if allowed and text not in allowed:
                    yield path + name, f'expected {path}{name} to be one of {sorted(allowed)}, got "{text}"'
                if pattern and not re.fullmatch(pattern, text):
                    yield path + name, f'expected {path}{name} to match {pattern}, got "{text}"'


class Provider(pb_grpc.ProviderServicer):
    def __init__(self, schemas: SCHEMA, values: Values) -> None:
        self.provider = schemas["kinds"]["provider"]
        self.kinds, self.values = schemas["kinds"], values

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        known = {kind: pb.Schema(version=0, block=block(one)) for kind, one in self.kinds.items()}
        return pb.GetProviderSchema.Response(
            provider=known.pop("provider"),
            resource_schemas={kind: one for kind, one in known.items() if not kind.startswith("data.")},
            data_source_schemas={kind[5:]: one for kind, one in known.items() if kind.startswith("data.")},
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        refused = self._refused("provider", request.config)
        return pb.ValidateProviderConfig.Response(diagnostics=refused)

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateResourceConfig.Response(diagnostics=self._refused(request.type_name, request.config))

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        refused = self._refused(f"data.{request.type_name}", request.config)
        return pb.ValidateDataResourceConfig.Response(diagnostics=refused)

    def _refused(self, kind: str, config: pb.DynamicValue) -> list[pb.Diagnostic]:
        found = self.values.refused(kind, self.kinds[kind], decoded(config) or {})
        return [
            pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=why, detail=f"{kind}: {where}") for where, why in found
        ]

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        return pb.UpgradeResourceState.Response(upgraded_state=encoded(json.loads(request.raw_state.json)))

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return pb.ConfigureProvider.Response()

    def ReadResource(self, request: Any, context: Any) -> Any:
        return pb.ReadResource.Response(new_state=request.current_state)

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        planned, before = decoded(request.proposed_new_state), decoded(request.prior_state)
        if planned is not None and before is None:
            planned = undecided(self.kinds[request.type_name], planned)
        return pb.PlanResourceChange.Response(planned_state=encoded(planned))

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        planned = decoded(request.planned_state)
        if planned is not None:
            named = str(planned.get("name", ""))
            where = f"{request.type_name}/{named}/{hashlib.sha256(request.planned_state.msgpack).hexdigest()[:8]}"
            planned = decided(self.kinds[request.type_name], planned, where)
        return pb.ApplyResourceChange.Response(new_state=encoded(planned))

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        schema, kind = self.kinds[f"data.{request.type_name}"], request.type_name
        state = decided(schema, undecided(schema, decoded(request.config)), f"data/{kind}")
        return pb.ReadDataSource.Response(state=encoded(state))

    def StopProvider(self, request: Any, context: Any) -> Any:
        return pb.StopProvider.Response()


class Controller(controller_grpc.GRPCControllerServicer):
    def __init__(self, stop: Callable[[], Any]) -> None:
        self.stop = stop

    def Shutdown(self, request: Any, context: Any) -> Any:
        self.stop()
        return controller.Empty()


class Stdio(stdio_grpc.GRPCStdioServicer):
    def StreamStdio(self, request: Any, context: Any) -> Iterator[Any]:
        return iter(())


def main(schema: str, values: str) -> None:
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    loaded = json.loads(Path(schema).read_text(encoding="utf-8"))
    pb_grpc.add_ProviderServicer_to_server(Provider(loaded, Values(Path(values))), server)
    controller_grpc.add_GRPCControllerServicer_to_server(Controller(lambda: server.stop(0)), server)
    stdio_grpc.add_GRPCStdioServicer_to_server(Stdio(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"1|6|tcp|127.0.0.1:{port}|grpc|", flush=True)  # the handshake of go-plugin, without TLS
    server.wait_for_termination()


if __name__ == "__main__":
    main(*sys.argv[1:])
