"""One record, its hash, and the row it is kept as."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

COLUMNS = (
    "number", "what", "subject", "verdict", "measure", "value", "world", "at", "who", "source", "note", "details",
    "previous", "hash",
)  # fmt: skip
FIRST = "0" * 64  # what stands before the first record
LOST = "lost"  # what the next record follows where the end of a ledger is gone: nothing, and `verify` says so
JSON = ("details", "value")  # kept as JSON text, so that a whole number stays the same text and the same hash
End = tuple[int, str]  # number and hash of the newest record


@dataclass(frozen=True)
class Evidence:
    """One record. `what`: audit, drill, apply, drift … `subject`: the system, or the drill's name.

    `measure` and `value` are those of a promise where the record measured one, else "" and None; `world` and
    `source` say where it was seen and where the raw record lies.
    """

    number: int
    what: str
    subject: str
    verdict: str
    measure: str
    value: float | None
    world: str
    at: str
    who: str
    source: str
    note: str
    details: Mapping[str, Any]
    previous: str
    hash: str


class Torn(Exception):
    """A row that the store cannot read any more."""


def hash_of(record: Evidence) -> str:
    content = {name: value for name, value in asdict(record).items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def row_of(record: Evidence) -> list[Any]:
    return [_stored(name, getattr(record, name)) for name in COLUMNS]


def record_of(row: Sequence[Any]) -> Evidence:
    """Raises ValueError or TypeError for a row that is none of ours any more."""
    told = dict(zip(COLUMNS, row, strict=True))
    return Evidence(**{**told, **{name: json.loads(told[name]) for name in JSON}})


def _stored(name: str, value: Any) -> Any:
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if name in JSON else value
