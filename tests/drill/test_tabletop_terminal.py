"""The tabletop drill as people have it: at a terminal, narrow and wide, stopped in the middle and gone on with."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from standfast.cli import run
from tests.shop import EXAMPLES

SPEC = str(EXAMPLES / "shop.yaml")
CTRL_C, CTRL_D = b"\x03", b"\x04"


def typed(out: Path, columns: int, keys: list[bytes]) -> tuple[str, int]:
    """What stood on a terminal of that width when each of these was typed at a prompt, and the exit code."""
    pid, screen = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))  # before anything asks for it
        words = [sys.executable, "-m", "standfast", "drill", "tabletop", SPEC, "--out", str(out)]
        told = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        os.execve(sys.executable, words, {**told, "TERM": "xterm", "NO_COLOR": "1"})
    text, asked, left, ends = b"", 0, list(keys), time.monotonic() + 60
    while time.monotonic() < ends:
        if not select.select([screen], [], [], 1.0)[0]:
            continue
        try:
            more = os.read(screen, 65_536)
        except OSError:  # the other side is closed
            break
        if not more:
            break
        text += more
        while left and text.count(b"\n> ") > asked:
            asked += 1
            os.write(screen, left.pop(0))
    else:
        os.kill(pid, 9)
        pytest.fail(f"after 60 s it waits: {text.decode()[-400:]}")
    return text.decode().replace("\r\n", "\n"), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_it_is_answered_stopped_gone_on_with_and_kept_as_evidence(tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    text, code = typed(out, 60, [b"ada, zoe\n", b"platform@example.com\n", CTRL_D, b"3 min\n", CTRL_C])
    assert code == 130 and "3 of 8 answers are kept" in text
    assert "\x1b" not in text  # no line of progress over the questions
    assert [line for line in text.split("\n") if len(line) > 60] == []
    (stopped,) = (out / "drill").iterdir()
    assert run(["drill", "judge", str(stopped), SPEC]) == 2 and "interrupted" in capsys.readouterr().out

    text, code = typed(out, 130, [b"lin\n", b"the standby\n", b"sessions\n", b"nowhere\n", b"a page\n"])
    assert "3 of 8 answers are those of the drill that was interrupted" in text and code == 0
    assert "> " not in text.partition("Who decides")[0]  # what was answered is not asked again
    assert max(len(line) for line in text.split("\n")) > 80
    newest = max((out / "drill").iterdir())
    assert run(["drill", "judge", str(newest), SPEC]) == 0
    assert re.search(r"kept +Who is at the table\?.* ada, zoe", capsys.readouterr().out)

    (tmp_path / "people.yaml").write_text("people: [{name: Ada, roles: [operator]}, {name: lin, roles: [responder]}]\n")
    words = ["evidence", "people", SPEC, str(tmp_path / "people.yaml"), "--framework", "hipaa", "--out", str(out)]
    assert run(words) == 2  # nobody was trained; but they have played it through
    assert re.search(r"tabletop  \S+ kept: ada, zoe; not there: lin", capsys.readouterr().out)

    text, code = typed(out, 80, [CTRL_C])  # one that came to its end is not gone on with
    assert code == 130 and "0 of 8 answers" in text and "interrupted:" not in text
