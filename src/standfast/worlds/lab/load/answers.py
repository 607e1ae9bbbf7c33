"""The answers of a load that goes on, as they come in."""

from __future__ import annotations

import json
from pathlib import Path


class Answers:
    """The file that the generator writes its answers to, read as it grows."""

    def __init__(self, path: Path, log: Path):
        self.path, self.log, self.at, self.began = path, log, 0, None

    def new(self) -> list[list[float]]:
        """[due, took, status] of each answer since the last look; due on the clock of this machine."""
        if self.began is None:
            self.began = self._began()
        if self.began is None:
            return []
        try:
            with self.path.open("rb") as record:
                record.seek(self.at)
                text = record.read()
        except OSError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self.at += len(whole)
        rows = [line.split(",") for line in whole.decode().splitlines() if line[:1].isdigit()]
        return [[round(self.began + float(due), 6), float(took), int(status)] for due, _, took, status, *_ in rows]

    def _began(self) -> float | None:
        try:
            for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
                if line.startswith("{"):
                    return float(json.loads(line)["began"])
        except (OSError, ValueError, KeyError):
            return None
        return None

    def rps(self) -> float:
        return float(json.loads(self.path.with_suffix(".json").read_text(encoding="utf-8"))["phases"][0]["rps"])

    def remove(self) -> None:
        for path in (self.path, self.path.with_suffix(".json"), self.log):
            path.unlink(missing_ok=True)
