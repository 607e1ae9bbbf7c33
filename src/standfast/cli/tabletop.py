"""`standfast drill tabletop`: a scenario is read out, and people answer: from a file, or at the terminal."""

from __future__ import annotations

import argparse
import calendar
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.cli.drilled import now
from standfast.cli.terminal import PIPE, plain
from standfast.problem import Place, Problem, Problems, did_you_mean

if TYPE_CHECKING:
    from standfast.drill import Outcome
    from standfast.plan import Plan
    from standfast.workspace import Workspace
    from standfast.worlds.scenario import Question

Told = Callable[[Mapping[str, Any]], None]
Table = list[list[Any]]  # questions as a history has them: name, what is asked, what is expected
STALE = 86_400  # seconds after which people begin anew: who comes back on another day is in another mind


def people(args: argparse.Namespace, plan: Plan, space: Workspace, lag: float, delay: float, told: Told) -> Outcome:
    """Recorded, and kept as evidence of training. One that was interrupted is gone on with: its answers stand."""
    from standfast.drill import Settings, Wanted, keep_evidence, new_folder, run_drill
    from standfast.worlds.people import People
    from standfast.worlds.scenario import questions_of, scenario_of

    asked = questions_of(plan)
    names = [one.name for one in asked]
    given: dict[str, str] = {}
    if args.answers is not None:
        given = _answers(Path(args.answers), names)
        world = People(lambda name, asks: given.get(name, ""))
    elif not sys.stdin.isatty():
        fix = f"write them into a file, and name it with --answers; the questions: {', '.join(names)}"
        raise Problems([Problem("there is nobody at the terminal to answer", "", fix)])
    else:
        told = _nothing  # the questions stand where progress would
        _say(scenario_of(plan))
        given = _before(space.root, asked)
        if given:
            _say(f"{len(given)} of {len(names)} answers are those of the drill that was interrupted:")
            for one in asked:
                if one.name in given:
                    _say(f"{one.asks} {given[one.name]}", "  ")
        _say("Ctrl-D leaves a question out; Ctrl-C stops, and what was answered is kept.")
        world = People(lambda name, asks: given[name] if name in given else _at_the_terminal(asks))
    folder = new_folder(space.root, args.name)
    evidence = (folder / "history.jsonl").relative_to(space.root).as_posix()
    settings = Settings("", now(), evidence, plan=plan)
    try:
        outcome = run_drill(args.name, world, None, folder, settings, Wanted.of(plan.system, ""), told)
    except KeyboardInterrupt:
        kept = len(_before(space.root, asked))
        _say(f"\n{kept} of {len(names)} answers are kept in {folder}")
        raise
    keep_evidence(outcome, space.ledger)
    return outcome


def _nothing(event: Mapping[str, Any]) -> None:
    return None


def _say(text: str, indent: str = "", end: str = "\n") -> None:
    """For whoever sits there: words that do not fit into the line go to the next."""
    width = min(shutil.get_terminal_size((PIPE, 24)).columns, PIPE) - 1
    lead = "\n" if text.startswith("\n") else ""
    lines = textwrap.wrap(plain(text.strip()), max(width, 20), initial_indent=indent, subsequent_indent=indent + "  ")
    print(lead + "\n".join(lines), end=end, file=sys.stderr, flush=True)


def _at_the_terminal(asks: str) -> str:
    """The answer; "" for none. The prompt stands below the question, so that there is room for it."""
    _say(asks)
    print("> ", end="", file=sys.stderr, flush=True)
    try:
        answer = sys.stdin.readline()
    except UnicodeDecodeError:
        answer = ""
    if not answer.endswith("\n"):
        print(file=sys.stderr)
    return answer


def _before(root: Path, asked: Sequence[Question]) -> dict[str, str]:
    """What was answered in the newest tabletop drill, where it came to no end, today, and asked the same."""
    from standfast.drill import read_history

    folders = sorted((root / "drill").glob("*Z-tabletop*"))
    try:
        history = read_history(folders[-1]) if folders else []
        began = calendar.timegm(time.strptime(str(history[0]["when"]), "%Y-%m-%dT%H:%M:%SZ"))
    except (Problems, ValueError, KeyError, IndexError):
        return {}
    table: Table = next((one["questions"] for one in history if one["what"] == "asked"), [])
    over = any(one["what"] == "answered_all" for one in history)
    same = table == [[one.name, one.asks, list(one.expects)] for one in asked]
    if over or not same or time.time() - began > STALE:
        return {}
    return {one["question"]: one["answer"] for one in history if one["what"] == "answer" and one["answer"]}


def _answers(path: Path, names: list[str]) -> dict[str, str]:
    """Raises Problems for a file that cannot be read, and for answers to what nobody asked."""
    import yaml

    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Problems([Problem(f"{path} cannot be read", str(error), place=Place(path.name))]) from error
    if not isinstance(read, dict):
        example = ", ".join(f"{name}: …" for name in names[:2])
        raise Problems([Problem(f"{path} has no answers", f"write {example}", place=Place(path.name))])
    unknown = [str(one) for one in read if one not in names]
    if unknown:
        what = f"nobody asked {unknown[0]!r}"
        raise Problems([Problem(what, fix=did_you_mean(unknown[0], names), place=Place(path.name))])
    return {str(name): "" if answer is None else str(answer) for name, answer in read.items()}
