"""What reaches the user: results on stdout, progress and messages on stderr, colour only on a terminal."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

from standfast.problem import Problem

PIPE = 120  # columns of what is no terminal


class Terminal:
    """The two streams of a run. `rich` is imported only when a table or a spinner is drawn."""

    def say(self, text: str) -> None:
        """A message for the person: stderr."""
        print(text, file=sys.stderr, flush=True)

    def result(self, text: str) -> None:
        """The result: stdout."""
        print(text, flush=True)

    def json(self, value: Any) -> None:
        """The result for a machine: one JSON document on stdout, and nothing else there."""
        print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False), flush=True)

    def problems(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.say(str(problem))

    @property
    def width(self) -> int:
        """Columns of the window; a pipe has none, so that what goes there is not cut to 80."""
        return self.console().width if sys.stdout.isatty() else PIPE

    def styled(self, *parts: tuple[str, str]) -> None:
        """The result in parts, each with its style (rich's words); elsewhere than on a terminal, their text."""
        if not sys.stdout.isatty():
            self.result("".join(text for text, _ in parts))
            return
        from rich.text import Text

        self.console().print(Text.assemble(*parts), soft_wrap=True)

    def console(self, *, stderr: bool = False):
        """A rich Console: honours NO_COLOR, pipes and the width of the window."""
        from rich.console import Console

        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else PIPE
        return Console(file=stream, highlight=False, width=width)

    @contextmanager
    def progress(self, what: str) -> Generator[Progress]:
        """Show that work goes on. On a terminal one line that changes; elsewhere a line per step."""
        live = Progress(what, sys.stderr)
        try:
            yield live
        finally:
            live.close()


def plain(text: str) -> str:
    """One line without what a terminal would obey: names and notes may be anybody's."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


class Progress:
    """One piece of work: `step("created aws_vpc.main")` shows the newest thing that was done."""

    def __init__(self, what: str, stream: Any):
        self.what, self.stream, self.began = what, stream, time.monotonic()
        self.live = stream.isatty()
        self.shown = ""

    def step(self, text: str) -> None:
        seconds = time.monotonic() - self.began
        if self.live:
            line = f"{self.what}: {text} ({seconds:.0f} s)"[:110]
            self.stream.write("\r\x1b[2K" + line)
        elif text != self.shown:
            self.stream.write(f"{self.what}: {text}\n")
        self.shown = text
        self.stream.flush()

    def close(self) -> None:
        if self.live and self.shown:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()


@contextmanager
def ends_like_an_interrupt() -> Generator[None]:
    """A request to end (SIGTERM, or the terminal closing) is taken as Ctrl-C, so that what was begun is healed."""
    import signal

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
