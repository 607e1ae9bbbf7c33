"""A runbook and its steps, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

# How one knows that a step worked: what the page says, and what a drill looks for under that name.
CHECKS: Mapping[str, str] = {
    "well": "every host of the system says that it is healthy.",
    "healthy": "every host of it says that it is healthy.",
    "sound": "every host of it says that it is healthy, and users are answered without an error for a second.",
    "served": "users are answered again, without an error for a second.",
    "writable": "one server of it accepts writes, and only one.",
    "contents": "it answers, and every table holds what it held then: a drill compares digests, you look at counts and "
    "the newest records.",
    "clients": "what clients write is acknowledged by the restored one.",
    "same": "it answers, and holds what it held then: a drill compares digests of all, you look at some.",
    "empty": "it answers, what was wrong is no longer in it, and users are answered without an error for a second.",
}
# What a system does without anybody, and what is heard of it while it does.
ITSELF: Mapping[str, str] = {
    "take_over": "promoted",
    "start_again": "promoted",
    "go_on": "",
}


@dataclass(frozen=True)
class Step:
    """One thing to do. `who`: `itself` (the system does it, nobody has to), `machine` (commands that need no
    judgement), `person` (somebody decides or looks).

    `of`        the component it is about; "" for the whole system
    `says`      what to do, in words; `notes`: more of it, as Markdown of ours
    `commands`  what is typed in production; a line that begins with # is a remark
    `seconds`   how long it is expected to take; None where nobody knows; `assumed`: no source but practice
    `loses`     `itself`: seconds of writes that are gone; None: everything
    `does`      the word by which a world carries it out (`worlds`: STEPS) or does it by itself (ITSELF); "" where no
                world can
    `check`     how to know that it worked: one of CHECKS; "" where `says` has it
    `untried`   a machine's step that no drill can carry out: why; printed on the page
    `seen`      what is typed to see that it worked
    `back`      what is typed to undo it
    """

    name: str
    who: str
    says: str = ""
    of: str = ""
    commands: tuple[str, ...] = ()
    seconds: float | None = None
    assumed: bool = False
    loses: float | None = 0.0
    does: str = ""
    check: str = ""
    back: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    untried: str = ""
    seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Runbook:
    """One page. `look`: commands that tell whether it is this; `back`: how to go back, in words."""

    name: str
    title: str
    means: str
    steps: tuple[Step, ...]
    look: tuple[str, ...] = ()
    back: str = ""

    def without(self, does: str) -> Runbook:
        """The page with a remedy torn out, for tests of drills."""
        return replace(self, steps=tuple(one for one in self.steps if one.does != does))
