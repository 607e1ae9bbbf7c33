"""Lines, spans and masks of the lab's telemetry, without the lab: what comes in, what is kept, what is found again."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from standfast.cli import run as standfast
from standfast.problem import Problems
from standfast.watch.private import CLASSES
from standfast.worlds.lab.service.metrics import Metrics
from standfast.worlds.lab.service.trace import CLIENT, SERVER, Spans, Trace, received
from standfast.worlds.lab.system.build import FORMAT
from standfast.worlds.lab.system.launch import Run
from standfast.worlds.lab.telemetry import spans, syslog
from standfast.worlds.lab.telemetry.masking import Masking, masks_config
from standfast.worlds.lab.telemetry.program import Program
from standfast.worlds.lab.telemetry.store import FILE, Line, Span, Store
from standfast.worlds.lab.telemetry.tree import as_text, tree
from tests.shop import EXAMPLES, shop_plan
from tests.watch.test_elastic import declaring

HEAD = "<182>1 2026-11-28T20:05:20.634396+00:00 cdn-1 shop - - - "
ACCESS = (
    '127.0.0.1 - - [28/Nov/2026:20:05:20 +0000] "GET /a?b=1 HTTP/2.0" 200 10240 "-" "curl/7" '
    "trace=3e1d5fac3f030ceb36be1d29a8ad617c span=36be1d29a8ad617c parent={} at=1795896320.634 took=0.054"
)


def framed(text: str) -> bytes:
    body = text.encode()
    return b"%d %s" % (len(body), body)


def program(folder: Path) -> Program:
    config = {"file": str(folder / "t.db"), "masks": masks_config(shop_plan()), "lab": str(folder)}
    config["hosts"] = [{"name": "cdn-1", "role": "edge"}]
    return Program(config)


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_frames_are_whole_however_they_come_in(size: int) -> None:
    texts = [HEAD + "one", HEAD + "größer als eins", HEAD + "7 7 7"]
    stream, left, got = b"".join(map(framed, texts)), b"", []
    for at in range(0, len(stream), size):
        whole, left = syslog.frames(left + stream[at : at + size])
        got += whole
    assert [one.decode() for one in got] == texts and left == b""


@pytest.mark.parametrize("stream", [b"GET / HTTP/1.1\r\n\r\n", b"-5 x", b"99999999 x", b"0 ", b"12345678"])
def test_what_is_no_frame_is_refused(stream: bytes) -> None:
    with pytest.raises(syslog.Malformed):
        syslog.frames(stream)


def test_a_line_says_when_where_and_what() -> None:
    found = syslog.line((HEAD + "\ufeffit is [so]").encode())
    assert found == Line("2026-11-28T20:05:20.634396+00:00", "cdn-1", "it is [so]")
    structured = HEAD.replace(" - - - ", ' - - [x@1 a="b\\]c"][y z="1"] ')
    assert syslog.line((structured + "text").encode()).text == "text"  # ty: ignore
    assert syslog.line(b"<13>Nov 28 20:05:20 host old") is None


def test_words_of_people_are_never_operators_and_hosts_are_told_apart(tmp_path: Path) -> None:
    store = Store(tmp_path / "t.db", make=True)
    store.add([Line("1", "web-1", "orders: no server accepts writes"), Line("2", "web-10", "orders AND more")])
    reader = Store(tmp_path / "t.db")
    assert [one.at for one in reader.search("orders")] == ["1", "2"]
    assert [one.at for one in reader.search("ORDERS writes")] == ["1"]
    assert [one.at for one in reader.search("orders", "web-1")] == ["1"]
    assert [one.at for one in reader.search('"server accepts"')] == ["1"]
    assert reader.search('"accepts server"') == reader.search("host:web") == reader.search("   ") == []
    assert [one.at for one in reader.search("and")] == ["2"]
    for hostile in ('"', 'a"b', "NEAR(a b)", "text:*", "-orders", "^a", "a OR", "(", "'; DROP TABLE lines; --", "*"):
        reader.search(hostile)
        reader.search("orders", hostile)
    store.forget(1)
    assert [one.at for one in reader.search("orders")] == ["2"]


def test_a_trace_is_found_by_how_its_id_begins(tmp_path: Path) -> None:
    store = Store(tmp_path / "t.db", make=True)
    made = [Span(trace * 32, "1" * 16, "", "web", "GET", 1.0, 0.1, False, {}) for trace in "ab"]
    store.add(spans=made)
    assert store.trace("a") == store.trace("a" * 32) == made[:1]
    assert [(one.trace[0], count) for one, count in store.newest()] == [("a", 1), ("b", 1)]
    for prefix, words in (("", "more than one"), ("c", "no trace"), ("%", "no trace"), ("' OR 1=1", "no trace")):
        with pytest.raises(Problems, match=words):
            store.trace(prefix)
    with pytest.raises(Problems, match="cannot be read"):
        Store(tmp_path / "nowhere" / FILE)


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("mail of anna.miller@example.org bounced", "miller"),
        ('{"time": 1, "email": "anna.miller@example.org", "n": 2}', "miller"),
        ("GET /?first_name=Anna&x=1", "Anna"),
        ('{"password": "hunter2"}', "hunter2"),
        ("authorization=abcdef", "abcdef"),
    ],
)
def test_what_is_declared_personal_is_not_kept(tmp_path: Path, said: str, secret: str) -> None:
    one = program(tmp_path)
    one._hear((HEAD + said).encode())
    one.flush()
    kept = (tmp_path / "t.db").read_bytes() + (tmp_path / "t.db-wal").read_bytes()
    assert b"[masked]" in kept and secret.encode() not in kept
    nothing = Masking({"lines": [], "keys": [], "values": []})
    assert secret in nothing.line(said)  # without the masks it would be


HOSTILE = """
import json, sys
from standfast.worlds.lab.telemetry.masking import Masking
masking = Masking(json.loads(sys.argv[1]))
for part in ("&", "a", "email", "a.", "a@", '"a', '"email', "email=", "-", " ", "4", "AA00"):
    masking.line(part * (30_000 // len(part)))
"""


def test_no_line_that_a_user_makes_up_takes_long_to_mask() -> None:
    """30,000 signs each: with parts of keys that have no end, the first alone takes minutes."""
    config = masks_config(declaring(*CLASSES))
    words = [sys.executable, "-c", HOSTILE, json.dumps(config)]
    assert subprocess.run(words, timeout=60, check=False).returncode == 0, "masks that go back and forth"


def test_attributes_are_masked_by_their_key_and_by_their_form() -> None:
    masking = Masking(masks_config(shop_plan()))
    told = [("user.email", "x"), ("note", "write to bob@example.com now"), ("url.path", "/a"), ("api_key", "k")]
    assert masking.attributes(told) == {
        "user.email": "[masked]", "note": "write to [masked] now", "url.path": "/a", "api_key": "[masked]",
    }  # fmt: skip


def sent(trace: Trace) -> dict[str, Any]:
    web = Spans("web", "1", True)
    below = trace.below()
    web.add(below, "service api", CLIENT, 0.03, False, {"peer.service": "api"})
    about = {"http.request.method": "GET", "http.response.status_code": 502, "url.path": "/"}
    web.add(trace, "GET", SERVER, 0.05, True, about)
    body = web.take()
    assert body is not None
    return body


def test_spans_of_services_and_of_the_edge_make_one_tree(tmp_path: Path) -> None:
    edge = spans.of_the_edge(Line("", "cdn-1", ACCESS.format("")))
    assert edge == Span(
        "3e1d5fac3f030ceb36be1d29a8ad617c", "36be1d29a8ad617c", "", "cdn", "GET", 1795896320.58, 0.054, False,
        {"http.request.method": "GET", "http.response.status_code": "200", "url.path": "/a"},
    )  # fmt: skip
    given = spans.of_the_edge(Line("", "cdn-1", ACCESS.format("00f067aa0ba902b7")))
    assert given is not None and given.parent == "00f067aa0ba902b7"
    trace = received(f"00-{edge.trace}-{edge.span}-01".encode())
    got = list(spans.received(sent(trace), Masking(masks_config(shop_plan()))))
    assert [(depth, one.service, one.name) for depth, one in tree([*got, edge])] == [
        (0, "cdn", "GET"), (1, "web", "GET"), (2, "web", "service api"),
    ]  # fmt: skip
    assert [one.failed for one in got] == [False, True]
    assert "failed" in as_text(got)[0] and as_text(got)[0].endswith("web  GET / 502")


def test_only_the_edge_tells_of_the_edge(tmp_path: Path) -> None:
    one = program(tmp_path)
    for host in ("cdn-1", "balancer-1"):
        one._hear((HEAD.replace("cdn-1", host) + ACCESS.format("")).encode())
    assert len(one.lines) == 2 and [each.service for each in one.spans] == ["cdn"]


def test_a_tree_of_what_names_itself_or_nobody_ends() -> None:
    def one(span: str, parent: str, begin: float) -> Span:
        return Span("t" * 32, span, parent, "web", span, begin, 0.1, False, {})

    rows = [(depth, each.span) for depth, each in tree([one("a", "b", 1), one("b", "a", 2), one("c", "lost", 3)])]
    assert sorted(span for _, span in rows) == ["a", "b", "c"] and (0, "c") in rows
    assert as_text([]) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"resourceSpans": 3}', b'{"resourceSpans": [{"scopeSpans": [{"spans": [{}]}]}]}', b"\xff"],
)
def test_what_is_no_otlp_is_refused_and_counted(tmp_path: Path, body: bytes) -> None:
    one = program(tmp_path)
    status, _ = asyncio.run(one._answer("POST", "/v1/traces", body))
    assert status.value == 400 and one.refused == 1 and one.spans == []
    good = json.dumps(sent(received(b""))).encode()
    assert asyncio.run(one._answer("POST", "/v1/traces", good))[0].value == 200 and len(one.spans) == 2


def test_a_bucket_leads_to_its_newest_trace_in_openmetrics_alone() -> None:
    metrics, first, newest = Metrics((), "1"), received(b""), received(b"")
    for trace in (first, newest, None):
        metrics.request("GET", 200, 0.02, trace)
    text = metrics.text(0, 0, 0, openly=True).decode()
    (line,) = (line for line in text.splitlines() if " # {" in line)
    assert 'le="0.025"} 3 # {' in line and f'trace_id="{newest.trace}"' in line and first.trace not in text
    assert text.endswith("# EOF\n") and "# TYPE standfast_lab_shed counter" in text
    plain = metrics.text(0, 0, 0).decode()
    assert " # {" not in plain and "EOF" not in plain and "# TYPE standfast_lab_shed_total counter" in plain


def standing(folder: Path, *, ships: bool) -> tuple[str, str, str]:
    """The record of a lab as it lies on disk, with lines and a trace; what the command is told of it."""
    lab = folder / "out/lab/system"
    lab.mkdir(parents=True)
    watch = {
        "name": "watch-1",
        "component": "watch",
        "role": "watch",
        "zone": "all",
        "address": "127.64.1.9",
        "port": 1,
    }
    run = Run("web-1.rsyslog", "web-1", ("rsyslogd",), "/", "/dev/null", "", 0)
    state = {"room": str(lab / "room"), "hosts": [watch], "runs": [run.as_json()] if ships else []}
    (lab / "lab.json").write_text(json.dumps({**state, "format": FORMAT}))
    (lab / "room/watch-1" / FILE).parent.mkdir(parents=True)
    store = Store(lab / "room/watch-1" / FILE, make=True)
    store.add([Line("12:00", "web-1", "orders:\x1b no server"), Line("12:01", "api-1", "orders: lost")])
    store.add(spans=[Span("a" * 32, "1" * 16, "", "cdn", "GET", 1.0, 0.05, True, {"url.path": "/"})])
    store.close()
    return str(EXAMPLES / "shop.yaml"), "--out", str(folder / "out")


def test_lines_and_traces_are_found_by_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, *out = standing(tmp_path, ships=True)

    def told(*words: str) -> tuple[int, str, str]:
        code = standfast(["lab", *words, *out])
        return code, *capsys.readouterr()

    assert told("logs", spec, "--search", "orders")[:2] == (
        0, "12:00  web-1          orders:  no server\n12:01  api-1          orders: lost\n",
    )  # fmt: skip
    assert told("logs", spec, "--search", "orders", "--lines", "1")[1].startswith("12:01")
    assert json.loads(told("logs", spec, "--search", "orders lost", "--format", "json")[1])[0]["host"] == "api-1"
    assert told("logs", spec, "--search", "nothing")[0] == 1
    assert told("logs", spec, "--search", "?!")[0] == 1
    assert told("trace", spec)[1].startswith("a" * 32) and "cdn GET failed" in told("trace", spec)[1]
    code, text, _ = told("trace", spec, "AAA")
    assert code == 0 and text.splitlines()[1].split() == ["0.0", "ms", "50.0", "ms", "failed", "cdn", "GET", "/"]
    code, text, wrong = told("trace", spec, "b")
    assert (code, text) == (1, "") and "no trace b" in wrong
    assert told("status", spec, "--search", "x")[0] == 1


def test_without_a_shipper_it_is_said_that_nothing_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, *out = standing(tmp_path, ships=False)
    assert standfast(["lab", "logs", spec, *out, "--search", "orders"]) == 1
    assert "apt-get install rsyslog" in capsys.readouterr().err
