"""One database in memory on a clock of its own, for tests of drills in milliseconds.

Deterministic: the same shape and the same calls give the same history. It knows nothing of real times; it shows
whether a drill asks the right questions and judges the answers rightly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from standfast.problem import Problem, Problems, quoted
from standfast.worlds import Fault
from standfast.worlds.database import EVERY, SECOND, STEPS, Hear, NotRecovered, Shape

LOOK, FAILURES, PROMOTION = 0.100, 3, 0.110  # seconds between looks, looks that must fail, seconds of a promotion
START = 0.5  # seconds until a server has started
COPY = 100 * 2**20  # bytes per second
CONTENTS = {"customers": "1000 rows, md5 c0", "orders": "20000 rows, md5 d0"}


@dataclass
class Machine:
    runs: bool = False
    writable: bool = False
    rows: list[int] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=lambda: dict(CONTENTS))
    boots: int = 0


@dataclass(frozen=True)
class Flaws:
    """What is wrong with this world, for tests: a drill must find each of them.

    `dead`        it does not come up
    `skew`        a restore stops this many seconds after the moment asked for (before it, when negative)
    `tampered`    what comes back from the backup is not what went in
    `unfenced`    a lost primary comes back as a primary, beside the one that took over
    `unheard`     the damage does no damage
    `idle`        steps of a runbook that say they went well, and do nothing
    `on`          name of a call -> what it raises
    """

    dead: bool = False
    skew: float = 0.0
    tampered: bool = False
    unfenced: bool = False
    unheard: bool = False
    idle: tuple[str, ...] = ()
    on: Mapping[str, BaseException] = field(default_factory=dict)


def _nobody_listens(what: str, **facts: Any) -> None:
    return None


class Simulated:
    """`calls` keeps the names of the five calls of the seam in the order they came."""

    name = "simulated"

    def __init__(self, shape: Shape | None = None, flaws: Flaws | None = None, *, hear: Hear = _nobody_listens):
        self.shape, self.flaws, self.hear = shape or Shape(), flaws or Flaws(), hear
        self.time, self.calls = 0.0, []
        self.machines: dict[str, Machine] = {}
        self.committed: list[tuple[float, int]] = []  # the log: when, and which row
        self.corrupted_at, self.backup_at = math.inf, math.inf
        self.frozen, self.next_write, self.next_number = False, math.inf, 0
        self.failures, self.next_look, self.due = 0, math.inf, (math.inf, "")

    # The five that every world has

    def build(self) -> None:
        self._called("build")
        self.machines = {name: Machine() for name in ("primary", "standby", "restored")}
        if self.flaws.dead:
            return
        self._boot("primary")
        self.machines["standby"].runs = self.shape.standby
        self.next_look = self.time + LOOK
        self.wait(START)
        self.hear("filled", bytes=int(self.shape.gib * 2**30))
        self.hear("built", addresses={})

    def observe(self) -> Mapping[str, Any]:
        self._called("observe")
        writable = [name for name, one in self.machines.items() if one.writable]
        streams = sum(one.runs for one in self.machines.values()) > len(writable) == 1 and not self.frozen
        servers = {name: {"runs": one.runs, "writable": one.writable} for name, one in self.machines.items()}
        return {
            "servers": servers, "writable": writable, "streams": streams,
            "synchronous": streams and self.shape.synchronous, "versions": {"simulated": "1"},
        }  # fmt: skip

    def break_(self, fault: Fault) -> None:
        self._called("break_")
        self._flawed(f"break_ {fault.name}")
        primary = self.machines["primary"]
        if fault.name == "corrupt" and not self.flaws.unheard:
            self.corrupted_at = self.time
            primary.tables = {"orders": "20000 rows, md5 f0"}
        elif fault.name == "freeze_replication":
            self.frozen = True
        elif fault.name == "kill_primary" and not self.flaws.unheard:
            primary.runs = primary.writable = False
        elif fault.name not in ("corrupt", "kill_primary"):
            raise Problems([Problem(f"nothing here breaks by {quoted(fault.name)}")])

    def heal(self) -> None:
        self._called("heal")
        self.frozen, self.next_look, self.due = False, math.inf, (math.inf, "")
        taken_over = any(one.writable for name, one in self.machines.items() if name != "primary")
        primary = self.machines.get("primary", Machine())
        if self.machines and not primary.runs and not self.flaws.dead:
            self._boot("primary")
            primary.writable = not taken_over or self.flaws.unfenced
        if self.corrupted_at < math.inf:
            primary.tables, self.corrupted_at = dict(CONTENTS), math.inf
            primary.runs = primary.writable = not self.machines["restored"].runs

    def clear(self) -> None:
        self._called("clear")
        self.stop_writing()
        self.machines = {}

    # What drills ask of a database

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        """Everything that is due happens, in its order, while the clock goes on."""
        end = self.time + seconds
        while (event := min(self.next_write, self.next_look, self.due[0])) <= end:
            self.time = max(self.time, event)
            self._next(event)()
        self.time = end

    def start_writing(self) -> None:
        self._flawed("start_writing")
        self.next_write = self.time

    def stop_writing(self) -> None:
        self.next_write = math.inf

    def back_up(self) -> None:
        self.backup_at = self.time
        self.wait(self._bytes / COPY)
        self.hear("backed_up", bytes=self._bytes)

    def moment(self) -> str:
        return f"{self.time:.6f}"

    def contents(self, server: str) -> Mapping[str, str]:
        if not self.machines[server].runs:
            raise Problems([Problem(f"{server} does not answer")])
        return dict(self.machines[server].tables)

    def written(self, server: str) -> tuple[int, ...]:
        return tuple(self.machines[server].rows)

    def restore(self, moment: str) -> None:
        self._flawed("restore")
        until = float(moment) + self.flaws.skew
        if self.backup_at == math.inf:
            raise NotRecovered("there is no backup")
        if self.shape.archive:
            self.wait(0.05)
            self.hear("archived")
        self.wait(self._bytes / COPY)
        self.hear("copied", bytes=self._bytes)
        if not self.shape.archive:
            raise NotRecovered("recovery ended before the moment that was asked for was reached")
        restored = self._boot("restored")
        self.wait(START)
        self.hear("replayed")
        restored.rows = [number for when, number in self.committed if when <= until]
        if until > self.corrupted_at:
            restored.tables = dict(self.machines["primary"].tables)
        if self.flaws.tampered:
            restored.tables["orders"] = "20000 rows, md5 e0"
        self.hear("answered", server="restored")

    def carry_out(self, step: str, **settings: str) -> None:
        self._flawed(step)
        if step not in STEPS:
            raise NotRecovered(f"there is no step {quoted(step)}")
        if step not in self.flaws.idle:
            {"restore_moment": self.restore, "swap": self._swap}[step](**settings)

    # How

    def _swap(self) -> None:
        self.machines["primary"].runs = self.machines["primary"].writable = False
        self.next_look, self.next_write, self.next_number = math.inf, self.time, SECOND

    @property
    def _bytes(self) -> int:
        return int(self.shape.gib * 2**30)

    def _boot(self, name: str) -> Machine:
        machine = self.machines[name]
        machine.runs = machine.writable = True
        machine.boots += 1
        return machine

    def _next(self, event: float) -> Callable[[], None]:
        if event == self.due[0]:
            return self._take_over
        return self._look if event == self.next_look else self._write

    def _write(self) -> None:
        number, self.next_number = self.next_number, self.next_number + 1
        self.next_write += EVERY
        name = next((name for name in ("restored", "standby", "primary") if self.machines[name].writable), "")
        if not name:
            self.hear("refused", id=number, why="connection refused")
            return
        machine, standby = self.machines[name], self.machines["standby"]
        machine.rows.append(number)
        self.committed.append((self.time, number))
        if name == "primary" and standby.runs and not self.frozen:
            standby.rows.append(number)
        if name == "primary" and self.frozen and self.shape.synchronous:
            return  # it waits for the standby, and nothing comes back
        self.hear("acknowledged", id=number, server=f"{name}@{machine.boots}")

    def _look(self) -> None:
        self.next_look += LOOK
        self.failures = 0 if self.machines["primary"].runs else self.failures + 1
        if self.failures == 1:
            self.hear("suspected", server="primary")
        if self.failures == FAILURES:
            self.hear("detected", server="primary")
            self.next_look = math.inf
            to = "standby" if self.shape.standby and self.shape.failover else "primary" if self.shape.restart else ""
            if to:
                self.due = (self.time + (PROMOTION if to == "standby" else START), to)
            else:
                self.hear("not_promoted", why="nothing can take over: there is no standby")

    def _take_over(self) -> None:
        self._boot(self.due[1])
        self.hear("promoted", server=self.due[1])
        self.due = (math.inf, "")

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self._flawed(name)

    def _flawed(self, name: str) -> None:
        if name in self.flaws.on:
            raise self.flaws.on[name]
