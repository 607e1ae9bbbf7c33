"""All that the keeper sees and does: events.jsonl, which drills read."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from pathlib import Path
from typing import Any

from standfast.worlds.lab.keeper.start import EVENTS


class Events:
    """Appends to events.jsonl: `at` (monotonic seconds, one clock for all processes), `time`, `what`, and facts."""

    def __init__(self, folder: Path):
        self.path, self.lock = folder / EVENTS, threading.Lock()

    def hear(self, what: str, **facts: Any) -> None:
        line = json.dumps({"at": round(time.monotonic(), 6), "time": round(time.time(), 3), "what": what, **facts})
        with self.lock, contextlib.suppress(OSError), self.path.open("a", encoding="utf-8") as out:
            out.write(line + "\n")  # a full disk is no reason to look after nobody
