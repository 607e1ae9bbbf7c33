"""The command line: one module per verb, found by its name; nothing heavy is imported until the verb runs.

A verb module has `HELP` (one line), `arguments(parser)` and `run(args, terminal) -> int` (the exit code).
Exit codes: 0 kept or done, 1 a promise broken or a Problem in the input, 2 unknown, 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from standfast.cli.terminal import Terminal
from standfast.problem import CannotTell, Problem, Problems, did_you_mean, quoted

# In the order of the work: this is what --help shows.
VERBS = (
    "init", "import", "check", "catalog", "plan", "explain", "compare", "diff", "simulate", "build", "apply", "drift",
    "destroy", "audit", "evidence", "lab", "drill", "backup", "status", "report",
)  # fmt: skip


def verb_module(verb: str):
    return importlib.import_module(f"standfast.cli.{verb}_")


def run(argv: Sequence[str]) -> int:
    """Run one command line. Returns the exit code; never lets a traceback reach the user."""
    terminal = Terminal()
    try:
        return _dispatch(argv, terminal)
    except Problems as problems:
        terminal.problems(problems.problems)
        return 1
    except CannotTell as unknown:
        terminal.problems([unknown.problem])
        return 2
    except KeyboardInterrupt:
        terminal.say("\ninterrupted; run the same command again to go on")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("STANDFAST_TRACEBACK"):
            raise
        why = f"{type(error).__name__}: {error}"
        fix = "this is a fault of Standfast; set STANDFAST_TRACEBACK=1, run again, and report what it prints"
        terminal.problems([Problem("an unexpected error stopped the work", why, fix)])
        return 1


def _dispatch(argv: Sequence[str], terminal: Terminal) -> int:
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(_help())
        return 0
    verb = argv[0]
    if verb not in VERBS:
        known = did_you_mean(verb, VERBS)
        terminal.problems([Problem(f"unknown command {quoted(verb)}", fix=f"{known} See: standfast --help")])
        return 1
    module = verb_module(verb)
    parser = _Parser(prog=f"standfast {verb}", description=module.HELP)
    module.arguments(parser)
    return module.run(parser.parse_intermixed_args(list(argv[1:])), terminal)  # SPEC and options in any order


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise Problems([Problem(message, fix=f"see: {self.prog} --help")])


def _help() -> str:
    from standfast import VERSION

    lines = [
        f"standfast {VERSION}: one file says what production must promise; this plans, builds, watches and proves it.",
        "",
        "usage: standfast COMMAND [SPEC] [options]",
        "",
        *(f"  {verb:<9} {verb_module(verb).HELP}" for verb in VERBS),
        "",
        "standfast COMMAND --help tells more. Begin with: standfast init > shop.yaml; standfast plan shop.yaml",
        "Exit codes: 0 kept or done, 1 broken or a problem in the input, 2 unknown, 130 interrupted.",
    ]
    return "\n".join(lines)
