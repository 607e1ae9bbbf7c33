"""Reading over HTTP: patience, limits, and every failure as a Problem without the key."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from standfast.clouds.refresh import web as web_module
from standfast.clouds.refresh.web import Web
from standfast.problem import Problems
from tests.clouds.price_server import Answer, in_turn, serving


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def patient() -> tuple[Web, list[float]]:
    waited: list[float] = []
    return Web(sleep=waited.append, seconds=5), waited


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    web, waited = patient()
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    answers = in_turn(
        Answer(status=429, headers={"Retry-After": "7"}), Answer(status=503, headers={"Retry-After": later}),
        Answer(status=500), Answer(b'{"a": 1}'),
    )  # fmt: skip
    with serving(answers) as server:
        assert web.json(f"{server.url}/x") == {"a": 1}
    assert waited[0] == 7 and 50 < waited[1] <= 60 and waited[2] == 40
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("answer", "tries", "what"),
    [
        (Answer(status=429, headers={"Retry-After": "3600"}), 1, "asks to wait 3600 s"),
        (Answer(status=429, headers={"Retry-After": "1"}), 4, "is busy"),
        (Answer(status=404), 1, "refused '/x'"),
        (Answer(status=403, body=b"secret reason"), 1, "refused '/x'"),
        (Answer(status=302, headers={"Location": "http://127.0.0.2/elsewhere"}), 1, "refused '/x'"),
        (Answer(b"<html>", 200), 1, "did not answer with JSON"),
        (Answer(b'{"a": [1, 2', 200), 1, "did not answer with JSON"),
        (Answer(b'{"a": 1', 200, length=100), 1, "stopped in the middle"),
        (Answer(b"[1]", 200), 1, "something else than expected"),
        (Answer(b"[" * 50_000, 200), 1, "did not answer with JSON"),
        (Answer(b"\xff\xfe", 200), 1, "did not answer with JSON"),
    ],
)
def test_what_cannot_be_used_is_a_problem(answer: Answer, tries: int, what: str) -> None:
    web, _ = patient()
    with serving(lambda path: answer) as server, pytest.raises(Problems) as caught:
        web.json(f"{server.url}/x?key=sesame")
    assert what in str(caught.value) and "fix" in str(caught.value)
    assert "sesame" not in str(caught.value) and "secret reason" not in str(caught.value)
    assert len(server.asked) == tries


def test_without_a_network_it_is_said() -> None:
    web, waited = patient()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, and nobody listens
        with pytest.raises(Problems) as caught:
            web.json(f"http://127.0.0.1:{closed.getsockname()[1]}/x?key=sesame")
    assert "cannot reach 127.0.0.1" in str(caught.value) and "shipped catalog" in str(caught.value)
    assert waited == [2, 4, 8] and "sesame" not in str(caught.value)


def test_answers_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    web, _ = patient()
    monkeypatch.setattr(web_module, "LARGEST_JSON", 100)
    monkeypatch.setattr(web_module, "LARGEST_LIST", 100_000)
    with serving(lambda path: Answer(b" " * 500_000 + b"\n" + b"x\n" * 400_000)) as server:
        for read in (lambda: web.json(f"{server.url}/x"), lambda: list(web.lines(f"{server.url}/x"))):
            with pytest.raises(Problems):
                read()


def test_lines_come_one_by_one_and_a_short_list_is_noticed() -> None:
    web, _ = patient()
    text = "".join(f"row {n}, größer\n" for n in range(50_000)).encode()
    with serving(lambda path: Answer(text)) as server:
        lines = web.lines(f"{server.url}/x")
        assert next(lines) == "row 0, größer\n"
        assert sum(1 for _ in lines) == 49_999
    for bad in (Answer(text, length=len(text) + 10), Answer(text + b"\xff\xff\n")):
        with serving(lambda path, bad=bad: bad) as server, pytest.raises(Problems):
            list(web.lines(f"{server.url}/x"))
