"""`python -m standfast` and the `standfast` command."""

import os
import sys


def main() -> int:
    # numpy's own threads wait busily, and our matrices are too small for them: on a machine that has other work they
    # cost a plan a third of its time. Read when numpy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.argv[1:] in (["--version"], ["-V"]):  # before anything else is imported: scripts ask this often
        from standfast import VERSION

        print(f"standfast {VERSION}")
        return 0
    try:
        from standfast.cli import run
    except KeyboardInterrupt:  # before there is anybody to say it: no traceback
        return 130
    return run(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
