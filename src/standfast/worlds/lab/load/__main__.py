"""python -m standfast.worlds.lab.load ORDER.json"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.worlds.lab.load.generator import generate
from standfast.worlds.lab.load.order import read_order


def main(argv: list[str]) -> int:
    try:
        if len(argv) != 1:
            raise Problems([Problem("one argument is needed", fix="python -m standfast.worlds.lab.load ORDER.json")])
        asyncio.run(generate(read_order(Path(argv[0]))))
    except Problems as problems:
        print(problems, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
