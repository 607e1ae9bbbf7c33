"""The shop as Terraform itself told of it, planned and deployed. See data/README.md."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from standfast.audit.sources.state import resources_of
from standfast.blueprint import Resource
from standfast.spec import System, read_spec

DATA = Path(__file__).parent / "data"


@cache
def document(name: str) -> Any:
    """`planned` or `deployed`, as JSON."""
    return json.loads(gzip.decompress((DATA / f"{name}.json.gz").read_bytes()))


@cache
def recorded(name: str) -> tuple[Resource, ...]:
    return tuple(resources_of(document(name)))


@cache
def recorded_system() -> System:
    return read_spec(DATA / "shop.yaml")
