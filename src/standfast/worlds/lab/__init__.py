"""The lab world: real programs on this machine, as ordinary processes, one loopback address per host.

PostgreSQL with a streaming standby, an archive of its log and a controller that fails over. What is measured in
it is real, on a small machine, with small data and no network between the hosts.

    standfast.worlds.lab.Lab     the world (build, observe, break, heal, clear), and what drills ask of a database
    find_postgres(option)        the PostgreSQL programs it would use
"""

from __future__ import annotations

from standfast.worlds.lab.binaries import Postgres, find_postgres
from standfast.worlds.lab.world import Lab

__all__ = ["Lab", "Postgres", "find_postgres"]
