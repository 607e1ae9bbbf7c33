"""One run of Terraform: started so that it survives us, followed by its JSON stream, told as one Run.

Terraform writes to a file, not to a pipe: were we killed, it would go on and save its state, where a broken
pipe would kill it in the middle of a creation. It also inherits a lock (`run.lock`) that the system keeps for
as long as it or its provider lives, so a later run knows whether an earlier one is still at work.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.worlds.emulator.events import Run, Step, Story, half_created, read_events
from standfast.worlds.emulator.state import instances_in


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
    if not half_created(run.events, instances_in(world)):
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
