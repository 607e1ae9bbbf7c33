"""One run of Terraform: started so that it survives us, followed by its JSON stream, told as one Run.

Terraform writes to a file, not to a pipe: were we killed, it would go on and save its state, where a broken
pipe would kill it in the middle of a creation. It also inherits a lock (`run.lock`) that the system keeps for
as long as it or its provider lives, so a later run knows whether an earlier one is still at work.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfast.problem import Problem, Problems

Step = Callable[[str], None]
LOOKS = 20  # one step for so many resources that are looked at
DID = {"create": "created", "update": "changed", "delete": "removed"}


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

    @property
    def half_created(self) -> tuple[str, ...]:
        return half_created(self.events)


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


def half_created(events: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What was being created when the run was cut off: it may stand, and no state knows it."""
    open_ = {}
    for event in events:
        if event.get("type") in ("apply_start", "apply_complete", "apply_errored"):
            hook = event["hook"]
            if hook.get("action") == "create":
                open_[hook["resource"]["addr"]] = event["type"] == "apply_start"
    return tuple(sorted(address for address, still in open_.items() if still))


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


@contextmanager
def only_run(folder: Path, step: Step) -> Generator[int]:
    """Hold the folder's `run.lock`, after waiting for an earlier Terraform that is still at work. Yields its fd."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                step("an earlier Terraform is still at work here; waiting for it to end")
                time.sleep(0.5)
        yield handle
    finally:
        os.close(handle)


def run_terraform(
    command: Sequence[str | Path],
    world: Path,
    environment: Mapping[str, str],
    story: Story,
    server_alive: Callable[[], bool],
) -> Run:
    """Run a command with -json in `world/terraform`, telling its story as it goes. Returns however it ended.

    Ctrl-C lets Terraform stop in order and save its state before KeyboardInterrupt goes on; a second one
    leaves it stopping. When the server has died, Terraform is stopped at once. The record of an interrupted
    run stays as `run.jsonl`; of one that ended, as `last.jsonl`.
    """
    log = world / "run.jsonl"
    with only_run(world, story.step) as lock, log.open("wb") as out:
        child = subprocess.Popen(
            [str(part) for part in command],
            cwd=world / "terraform",
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal reaches us alone, and we pass it on once
            pass_fds=(lock,),
        )
        interrupted, doomed = False, 0.0
        with log.open("rb") as stream:
            while True:
                try:
                    ended = child.poll() is not None
                    story.follow(stream)
                    if ended:
                        break
                    if not doomed and not server_alive():
                        doomed = time.monotonic()
                        child.send_signal(signal.SIGINT)
                    if doomed and time.monotonic() - doomed > 5:
                        child.kill()
                    time.sleep(0.1)
                except KeyboardInterrupt:
                    if interrupted:
                        raise
                    interrupted = True
                    story.step("interrupted: Terraform stops what it is doing and saves its state")
                    child.send_signal(signal.SIGINT)
    run = Run(child.returncode, read_events(log))
    if not run.half_created:
        log.replace(world / "last.jsonl")
    if interrupted:
        raise KeyboardInterrupt
    return run


def quick(command: Sequence[str | Path], world: Path, environment: Mapping[str, str], step: Step) -> str:
    """Run a short Terraform command to its end and return what it printed. Raises Problems when it fails."""
    with only_run(world, step) as lock:
        try:
            done = subprocess.run(
                [str(part) for part in command],
                cwd=world / "terraform",
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                start_new_session=True,
                pass_fds=(lock,),
            )
        except OSError as error:
            raise Problems([Problem(f"{command[0]} does not run", str(error), "install it again")]) from error
    if done.returncode:
        said = [line.strip(" │╷╵") for line in done.stderr.splitlines()]
        why = " ".join(line for line in said if line)[:600]
        raise Problems([Problem(f"terraform {command[1]} failed", why, "put right what it names, then run it again")])
    return done.stdout
