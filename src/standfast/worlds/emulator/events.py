"""What Terraform says while it works, one JSON object a line (developer.hashicorp.com/terraform/internals/
machine-readable-ui), read into what was done, what went wrong, and what is uncertain.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Step = Callable[[str], None]
LOOKS = 20  # one step for so many resources that are looked at
DID = {"create": "created", "update": "changed", "delete": "removed"}
CANCELLED = "context canceled"  # as the provider puts it when Terraform is interrupted


@dataclass(frozen=True)
class Run:
    """How a run of Terraform ended. `code` is its exit code; `events` is what it said, in its own JSON."""

    code: int
    events: tuple[Mapping[str, Any], ...]

    @property
    def errors(self) -> tuple[Mapping[str, Any], ...]:
        told = (event["diagnostic"] for event in self.events if event.get("type") == "diagnostic")
        return tuple(one for one in told if one.get("severity") == "error")

    def done(self, action: str) -> tuple[str, ...]:
        """Addresses of what was created, changed ("update") or removed ("delete")."""
        hooks = (event["hook"] for event in self.events if event.get("type") == "apply_complete")
        return tuple(hook["resource"]["addr"] for hook in hooks if hook.get("action") == action)

    @property
    def would_change(self) -> tuple[str, ...]:
        """Addresses that a plan would create, change, replace or remove."""
        told = (event["change"] for event in self.events if event.get("type") == "planned_change")
        return tuple(one["resource"]["addr"] for one in told if one.get("action") not in ("noop", "read", "move"))


class Story:
    """Terraform's stream told as short steps: `created 12 of 96: aws_lb.public`."""

    def __init__(self, step: Step, planned: int = 0):
        self.step, self.rest, self.planned, self.done = step, b"", planned, 0
        self.waiting: dict[str, int] = {}
        self.looked, self.waited = 0, 0

    def follow(self, stream: Any) -> None:
        """Tell what was written since the last time."""
        *lines, self.rest = (self.rest + stream.read()).split(b"\n")
        for event in _parsed(line.decode("utf-8", "replace") for line in lines):
            self.tell(event)

    def tell(self, event: Mapping[str, Any]) -> None:
        kind, hook = event.get("type"), event.get("hook", {})
        address, action = hook.get("resource", {}).get("addr", ""), hook.get("action", "")
        if kind == "change_summary" and event["changes"].get("operation") == "plan":
            changes = event["changes"]
            self.planned = changes["add"] + changes["change"] + changes["remove"]
        elif kind == "refresh_start":
            self.looked += 1
            if self.looked % LOOKS == 1:
                self.step(f"looking at what stands: {address}")
        elif kind == "apply_start" and action in DID:
            self.waiting[address] = 0
        elif kind == "apply_progress" and address in self.waiting:
            self.waiting[address] = int(hook.get("elapsed_seconds", 0))
            longest = max(self.waiting, key=lambda one: (self.waiting[one], one))
            if self.waiting[longest] != self.waited:
                self.waited = self.waiting[longest]
                more = f" and {len(self.waiting) - 1} more" if len(self.waiting) > 1 else ""
                self.step(f"waiting for {longest} ({self.waited} s){more}")
        elif kind == "apply_complete" and action in DID:
            self.waiting.pop(address, None)
            self.done += 1
            of = f" of {self.planned}" if self.planned >= self.done else ""
            self.step(f"{DID[action]} {self.done}{of}: {address}")
        elif kind == "apply_errored":
            self.waiting.pop(address, None)
            self.step(f"failed: {address}")


def half_created(events: Iterable[Mapping[str, Any]], recorded: Container[str]) -> tuple[str, ...]:
    """What may stand although the state does not have it (`recorded`: the addresses that it has): its creation
    had begun when Terraform was killed, or was cancelled before the answer was there.
    """
    uncertain: dict[str, bool] = {}
    for event in events:
        kind, hook = event.get("type"), event.get("hook", {})
        if kind in ("apply_start", "apply_complete", "apply_errored") and hook.get("action") == "create":
            uncertain[hook["resource"]["addr"]] = kind == "apply_start"
        elif kind == "diagnostic" and CANCELLED in event["diagnostic"].get("summary", ""):
            address = event["diagnostic"].get("address")
            if address in uncertain:
                uncertain[address] = True
    return tuple(sorted(one for one, is_so in uncertain.items() if is_so and one not in recorded))


def read_events(log: Path) -> tuple[Mapping[str, Any], ...]:
    """What a run has said so far. A last line that was cut off is left out."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    return tuple(_parsed(lines))


def _parsed(lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event
