"""`python -m standfast` and the `standfast` command."""

import sys


def main() -> int:
    if sys.argv[1:] in (["--version"], ["-V"]):  # before anything else is imported: scripts ask this often
        from standfast import VERSION

        print(f"standfast {VERSION}")
        return 0
    from standfast.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
