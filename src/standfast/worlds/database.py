"""What a drill asks of a world that holds a database, beyond the five that every world has.

The remedy belongs to the world, as it does in production: the controller that promotes a standby, the archive
of the log, the restore. A drill writes, breaks and looks; it repairs nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from standfast.problem import Problem, Problems
from standfast.worlds import World

Hear = Callable[..., None]  # hear("promoted", server="standby"): told of everything that happens, when it happens
STEPS: Mapping[str, tuple[str, ...]] = {  # what a runbook can ask for, and what each is told
    "restore_moment": ("moment",),  # `restore`, below
    "swap": (),  # nothing is written to the damaged one any more; clients write to the restored one
}
SECOND = 1_000_000  # the number that clients begin with at the restored server: no other row has it
EVERY = 0.010  # seconds between the writes of the client


@dataclass(frozen=True)
class Shape:
    """How the database is kept. Every part that is left out is a remedy that is missing.

    `standby`      a streaming replica on a host of its own
    `synchronous`  a commit is acknowledged once the standby has it too
    `failover`     a controller promotes the standby when the primary is lost
    `restart`      where there is no standby: the controller starts the server again on the disk that is left
    `archive`      the write-ahead log is archived, so that any moment since the backup can be restored
    `gib`          size of the content the database is filled with
    """

    standby: bool = True
    synchronous: bool = True
    failover: bool = True
    restart: bool = False
    archive: bool = True
    gib: float = 100 / 1024


class NotRecovered(Problems):
    """The remedy was called for and did not work: what a drill is there to find out."""

    def __init__(self, what: str, why: str = ""):
        super().__init__([Problem(what, why)])


class Database(World, Protocol):
    """A world with one database, on servers called `primary`, `standby` and `restored`."""

    hear: Hear

    def now(self) -> float:
        """Seconds on a clock that only goes forward; virtual in a simulated world."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""

    def start_writing(self) -> None:
        """Start a client that writes one numbered row every 10 ms, whether or not the last write came back.

        Hears `acknowledged` (id, server) after each commit has returned, `refused` (id, why) for each that failed.
        """

    def stop_writing(self) -> None:
        """Stop the client. Safe to call when it is not writing."""

    def back_up(self) -> None:
        """Take a base backup to the backup folder. Hears `backed_up` (bytes)."""

    def moment(self) -> str:
        """The time on the database's own clock: what a restore can be asked for."""

    def contents(self, server: str) -> Mapping[str, str]:
        """A digest of every table that is not written to, of its columns and of its indexes, by name."""

    def written(self, server: str) -> tuple[int, ...]:
        """The numbers of the client's rows that this server holds, in order."""

    def restore(self, moment: str) -> None:
        """Restore the backup and the log up to `moment` into an empty server, called `restored`.

        Hears `archived`, `copied` (bytes), `replayed` and `answered`. Raises NotRecovered when it fails.
        """

    def carry_out(self, step: str, **settings: str) -> None:
        """One of STEPS. Raises NotRecovered when it does not work, or is none."""
