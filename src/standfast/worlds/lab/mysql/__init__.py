"""One MySQL database of a system in the lab, as MariaDB, for the drill of ruined data.

programs   what is run, and with which libraries
server     one server: made, started, asked, stopped
contents   what it is filled with, digests, damage
dumps      a dump with the log since, kept elsewhere, and brought into an empty server up to a moment
client     writes numbered rows
world      `MariaLab`: the same five calls, and what drills ask of a database
"""

from __future__ import annotations

from standfast.worlds.lab.mysql.world import MariaLab

__all__ = ["MariaLab"]
