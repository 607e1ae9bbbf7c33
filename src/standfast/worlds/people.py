"""The world of people: a scenario is read to them, and what they answer is heard. Nothing is touched."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from standfast.worlds import Fault
from standfast.worlds.database import Hear

Ask = Callable[[str, str], str]  # (name of the question, the question) -> the answer; "" where there is none


def _nobody_listens(what: str, **facts: Any) -> None:
    return None


class People:
    """`ask` puts a question to them: at the terminal, or by looking into a file."""

    name = "people"

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic):
        self.asks, self.now = ask, clock
        self.hear: Hear = _nobody_listens
        self.calls: list[str] = []

    def build(self) -> None:
        self.calls.append("build")

    def observe(self) -> Mapping[str, Any]:
        return {"well": True, "why": "", "writable": [], "hosts": {}, "versions": {}}

    def break_(self, fault: Fault) -> None:
        """Nothing is broken: it is only told."""
        self.calls.append("break_")

    def heal(self) -> None:
        self.calls.append("heal")

    def clear(self) -> None:
        self.calls.append("clear")

    def wait(self, seconds: float) -> None:
        return None

    def ask(self, name: str, question: str) -> str:
        answer = self.asks(name, question).strip()
        self.hear("answer", question=name, asked=question, answer=answer[:2000])
        return answer
