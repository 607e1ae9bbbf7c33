"""The keeper as a program."""

from __future__ import annotations

import sys
from pathlib import Path

from standfast.worlds.lab.keeper.alerts import receive_alerts
from standfast.worlds.lab.keeper.program import Keeper


def main(argv: list[str]) -> int:
    keeper = Keeper(Path(argv[0]))
    watch = next((one for one in keeper.lab.hosts if one.role == "watch"), None)
    if watch is not None:
        receive_alerts(watch.address, keeper.events)
    keeper.keep()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
