"""The history of a drill: one line of JSON per thing that happened, written when it happened. Judged later.

`{"t": 3.481, "what": "promoted", "server": "standby"}`: `t` in seconds since the drill began, on a clock that only
goes forward.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from standfast.problem import Place, Problem, Problems

FILE = "history.jsonl"
History = Sequence[Mapping[str, Any]]
Span = tuple[float, float, str, str]  # from, to, label, kind: as the report draws it

# What ends at an event: label and kind. A span begins where the one before it ended; "" only marks a time.
ENDS = {
    "began": ("", ""),
    "built": ("build the servers, fill them", "step"),
    "backed_up": ("back it up", "step"),
    "writing": ("look at what is there", "check"),
    "frozen": ("clients write", "steady"),
    "breaking": ("clients write", "steady"),
    "subsided": ("more users than planned", "outage"),
    "detected": ("noticed", "outage"),
    "promoted": ("another takes over", "restore"),
    "told": ("an alert fires", "outage"),
    "cleared": ("alerts end", "check"),
    "carried_out": ("a step of the runbook", "restore"),
    "resumed": ("clients reconnect", "restore"),
    "back": ("users are served again", "restore"),
    "answered_all": ("questions and answers", "check"),
    "decided": ("the damage goes unnoticed", "broken"),
    "restoring": ("look at the damage", "check"),
    "archived": ("archive the rest of the log", "restore"),
    "prepared": ("start an empty server", "restore"),
    "verified": ("check the backup", "check"),
    "copied": ("copy the backup", "restore"),
    "replayed": ("replay the log", "restore"),
    "answered": ("answer again", "restore"),
    "not_recovered": ("not recovered", "broken"),
    "observed": ("clients go on", "steady"),
    "compared": ("compare the contents", "check"),
    "healing": ("", ""),
    "healed": ("heal", "heal"),
    "not_healed": ("heal: failed", "broken"),
}
BEHIND = ("the standby falls behind", "broken")  # from `frozen` until `breaking`
TOLD = ("an alert fires", "check")  # from `back`: users are served already


class Recorder:
    """Writes a history, line by line. Heard from several threads. Raises Problems when the disk refuses."""

    def __init__(self, folder: Path, now: Callable[[], float], told: Callable[[Mapping[str, Any]], None] | None = None):
        self.now, self.told, self.events = now, told, []
        self.lock = threading.Lock()
        self.began = now()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.out = (folder / FILE).open("x", encoding="utf-8")
        except OSError as error:
            raise _unwritten(folder, error) from error

    def record(self, what: str, **facts: Any) -> None:
        event = {"t": round(self.now() - self.began, 6), "what": what, **facts}
        with self.lock:
            self.events.append(event)
            try:
                self.out.write(json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n")
                self.out.flush()
            except OSError as error:
                raise _unwritten(Path(self.out.name), error) from error
        if self.told is not None:
            self.told(event)

    def close(self) -> None:
        """Every line was flushed when it was written, and what the disk refused was said then."""
        with contextlib.suppress(OSError):
            self.out.close()


def _unwritten(path: Path, error: OSError) -> Problems:
    return Problems(
        [Problem(f"the history cannot be written to {path}", str(error), "free the disk, or use --out DIR")]
    )


def read_history(folder: Path) -> list[dict[str, Any]]:
    """The events of a drill in the order of their times. A last line that a killed run left half is left out.

    Raises Problems where there is no history, or it is not one.
    """
    path = folder / FILE
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        fix = "name the folder of one drill, such as out/shop/drill/20260101T120000Z-corruption"
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise Problems([Problem(f"no history in {folder}", why, fix, Place(path.name))]) from error
    events = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
            events.append({**event, "t": float(event["t"]), "what": str(event["what"])})
        except (ValueError, TypeError, KeyError) as error:
            if number == len(lines):
                break
            where = Place(path.name, number)
            why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            raise Problems([Problem("a line is not one of a history", why, "", where)]) from error
    if not events or events[0]["what"] != "began":
        why = "its first line does not say what began"
        raise Problems([Problem(f"{path} is not the history of a drill", why, "", Place(path.name))])
    return sorted(events, key=lambda event: event["t"])


def fingerprint(folder: Path) -> str:
    """SHA-256 of the history as it stands on disk; "" where it cannot be read."""
    try:
        with (folder / FILE).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def timeline(history: History) -> list[Span]:
    """The steps of a drill as (from, to, label, kind), without gaps, for a picture and for a table of times."""
    spans: list[Span] = []
    last, marked, served = 0.0, "", False
    for event in sorted(history, key=when):
        label, kind = ENDS.get(event["what"], (None, None))
        if label is None or kind is None:
            continue
        if event["what"] == "breaking" and marked == "frozen":
            label, kind = BEHIND
        served = served or event["what"] == "back"
        if event["what"] == "told" and served:
            label, kind = TOLD
        at = max(last, when(event))
        if label:
            spans.append((last, at, label, kind))
        last, marked = at, event["what"]
    return spans


def when(event: Mapping[str, Any]) -> float:
    """When it happened: some things are noticed a moment later, and say so with `at`."""
    return float(event.get("at", event["t"]))


def first(history: History, what: str, **facts: Any) -> Mapping[str, Any] | None:
    """The first event of that name in which these facts hold."""
    return next((one for one in history if one["what"] == what and facts.items() <= one.items()), None)


def every(history: History, what: str) -> list[Mapping[str, Any]]:
    return [one for one in history if one["what"] == what]
