"""The built-in service: does what its configuration says, over real sockets on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from standfast.problem import Place, Problems
from standfast.worlds.lab.service.burn import Burn, burn, calibrated
from standfast.worlds.lab.service.channel import Channel, Refused
from standfast.worlds.lab.service.config import parse_config
from standfast.worlds.lab.service.program import Connection, Program
from standfast.worlds.lab.service.trace import received

HERE = "127.83.7.1"
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def running(**given: Any) -> AsyncIterator[tuple[Program, Channel]]:
    """The service in this process, and a way to ask it."""
    told = {"name": "api", "address": HERE, "port": free_port(), **given}
    program = Program(parse_config(told, Place("api.json")))
    server = await asyncio.get_running_loop().create_server(lambda: Connection(program), HERE, told["port"])
    channel = Channel(f"http://{HERE}:{told['port']}/")
    try:
        yield program, channel
    finally:
        channel.close()
        server.close()
        for one in list(program.connections):
            one.close()
        program.work.close()


@contextlib.asynccontextmanager
async def speaking(answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]):
    """A server of the test's own; its address."""
    server = await asyncio.start_server(answer, HERE, 0)
    async with server:
        yield f"{HERE}:{server.sockets[0].getsockname()[1]}"


def test_it_uses_the_cpu_time_it_was_told():
    before = time.thread_time()
    used = burn(0.05, calibrated())
    assert time.thread_time() - before == pytest.approx(0.05, abs=0.002)
    assert used == pytest.approx(0.05, abs=0.002)


def test_the_cpu_times_have_the_declared_mean_and_variation():
    for variation in (0.5, 1.0, 2.0):
        one = Burn(0.01, variation, 1, seed=7)
        draws = [one.draw() for _ in range(20_000)]
        mean = sum(draws) / len(draws)
        spread = (sum((draw - mean) ** 2 for draw in draws) / len(draws)) ** 0.5 / mean
        one.close()
        assert (mean, spread) == (pytest.approx(0.01, rel=0.05), pytest.approx(variation, rel=0.08))
    assert Burn(0.01, 0.0, 1).draw() == 0.01


def test_its_own_cost_is_part_of_a_requests_cpu_time():
    """All CPU of the process per request, parsing and hand-over included, is what the spec says."""

    async def used() -> float:
        async with running(cpu=0.004, variation=0.2) as (program, channel):
            for n in range(260):
                if n in (0, 60, 120):
                    program.work.burn.measure(program.metrics.answered)
                if n == 130:
                    began = time.process_time()
                await channel.ask(5.0)
        return (time.process_time() - began) / 130

    per_request = asyncio.run(used())
    assert 0.0035 < per_request < 0.0065, per_request  # the asking side is in it too: about 0.2 ms


def test_metrics_are_what_the_generated_rules_ask_for():
    async def seen() -> str:
        async with running(buckets=[0.3]) as (program, channel):
            assert await channel.ask(2.0, path=b"/healthz") == 200
            assert await channel.ask(2.0, path=b"/things?id=1") == 200
            assert await channel.ask(2.0, path=b"/metrics") == 200
            return program.metrics.text(0, 0, 0).decode()

    text = asyncio.run(seen())
    labels = 'http_request_method="GET",http_response_status_code="200"'
    assert f'http_server_request_duration_seconds_bucket{{{labels},url_scheme="http",le="0.3"}} 1\n' in text
    assert f'http_server_request_duration_seconds_count{{{labels},url_scheme="http"}} 1\n' in text
    assert "service=" not in text  # the scrape puts it on; twice would rename it


def test_trace_context_is_passed_on_and_spans_are_sent():
    heard: list[bytes] = []

    async def collector(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65_536))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    async def run() -> list[dict]:
        async with speaking(collector) as peer, speaking(collector) as otlp:
            targets = {"billing": {"kind": "service", "url": f"http://{peer}/"}}
            calls = [{"to": "billing"}]
            async with running(calls=calls, targets=targets, otlp=f"http://{otlp}") as (program, channel):
                headers = ((b"traceparent", TRACE), (b"tracestate", b"a=1"))
                assert await channel.ask(2.0, headers=headers) == 200
                looking = asyncio.create_task(program.look_after())
                while len(heard) < 2:
                    await asyncio.sleep(0.02)
                looking.cancel()
        document = json.loads(heard[1].partition(b"\r\n\r\n")[2])
        return document["resourceSpans"][0]["scopeSpans"][0]["spans"]

    client, server = asyncio.run(run())
    passed = received(heard[0].partition(b"traceparent: ")[2].partition(b"\r\n")[0])
    assert passed.trace == "0af7651916cd43dd8448eb211c80319c" == client["traceId"] == server["traceId"]
    assert b"tracestate: a=1\r\n" in heard[0]
    assert (passed.parent, client["parentSpanId"]) == (client["spanId"], server["spanId"])
    assert server["parentSpanId"] == "b7ad6b7169203331"


@pytest.mark.parametrize(
    "header", [b"", b"00-0-0-01", TRACE.replace(b"00-", b"ff-", 1), b"00-" + b"0" * 32 + TRACE[35:]]
)
def test_a_malformed_trace_context_begins_a_new_trace(header):
    one = received(header)
    assert len(one.trace) == 32 and not one.parent and one.trace != "0" * 32


def test_what_is_optional_is_optional_and_what_is_essential_is_not():
    gone = f"http://{HERE}:{free_port()}/"

    async def run(essential: bool) -> tuple[list[int], dict]:
        calls = [{"to": "extra", "essential": essential}]
        async with running(calls=calls, targets={"extra": {"kind": "service", "url": gone}}) as (program, channel):
            return [await channel.ask(2.0) for _ in range(5)], dict(program.metrics.calls)

    assert asyncio.run(run(True))[0] == [502] * 5
    statuses, calls = asyncio.run(run(False))
    assert statuses == [200] * 5
    assert calls == {("extra", "failed"): 3, ("extra", "skipped"): 2}


def test_an_optional_call_that_hangs_costs_a_moment_only():
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def run() -> int:
        async with speaking(silent) as peer:
            told = {"calls": [{"to": "extra", "essential": False}], "optional_timeout": 0.05}
            async with running(**told, targets={"extra": {"kind": "redis", "url": f"redis://{peer}"}}) as (_, channel):
                return await channel.ask(2.0)

    assert asyncio.run(run()) == 200


def test_a_cache_hits_at_its_rate_once_it_is_warm_and_a_lost_one_is_a_miss():
    kept: dict[bytes, bytes] = {}

    async def redis(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                words = []
                for _ in range(int((await reader.readuntil(b"\r\n"))[1:])):
                    size = int((await reader.readuntil(b"\r\n"))[1:])
                    words.append((await reader.readexactly(size + 2))[:-2])
                if words[0] == b"GET":
                    found = kept.get(words[1])
                    writer.write(b"$-1\r\n" if found is None else b"$%d\r\n%s\r\n" % (len(found), found))
                else:
                    kept[words[1]] = words[2]
                    writer.write(b"+OK\r\n")
        writer.close()

    async def run() -> dict:
        async with speaking(redis) as cache, running() as (_, behind):
            calls = [{"to": "billing", "cached_by": "hot", "hit_rate": 0.75}]
            url = f"http://{HERE}:{behind.address[1]}/"
            targets = {"billing": {"kind": "service", "url": url}, "hot": {"kind": "redis", "url": f"redis://{cache}"}}
            async with running(calls=calls, targets=targets) as (program, channel):
                for _ in range(800):  # all of the hundred hot keys are there then
                    await channel.ask(2.0)
                program.metrics.calls.clear()
                for _ in range(400):
                    assert await channel.ask(2.0) == 200
                return dict(program.metrics.calls)

    calls = asyncio.run(run())
    hits, misses = calls["hot", "hit"], calls["hot", "miss"]
    assert hits + misses == 400 and calls["billing", "ok"] == misses
    assert 0.66 < hits / 400 < 0.84  # four standard deviations
    assert len([key for key in kept if b":hot:" in key]) == 100


def test_a_line_that_is_too_long_is_refused_at_once():
    async def run() -> list[int]:
        async with running(cpu=0.2, variation=0.0, patience=0.4) as (_, channel):
            return await asyncio.gather(*(channel.ask(5.0) for _ in range(12)))

    statuses = asyncio.run(run())
    assert statuses.count(503) == 9 and statuses.count(200) == 3  # one at work, two in line


def test_a_caller_of_who_is_too_busy_says_so_too():
    async def run() -> list[int]:
        async with running(cpu=0.3, variation=0.0, patience=0.1) as (_, behind):
            targets = {"busy": {"kind": "service", "url": f"http://{HERE}:{behind.address[1]}/"}}
            async with running(calls=[{"to": "busy"}], targets=targets) as (_, channel):
                return await asyncio.gather(*(channel.ask(5.0) for _ in range(4)))

    assert sorted(asyncio.run(run())) == [200, 503, 503, 503]


def test_the_line_is_told_by_the_pace_of_the_last_requests():
    """Where others have the cores, the same line takes longer."""
    one = Burn(0.01, 1.0, 2)
    one.line = 5
    assert one.wait == pytest.approx(4 * 0.01 / 2)
    one.pace = 0.05
    assert one.wait == pytest.approx(4 * 0.05 / 2)
    one.line = 1
    assert one.wait == 0.0
    one.close()


def test_the_program_answers_what_it_has_taken_and_ends(tmp_path):
    port = free_port()
    config = tmp_path / "slow.json"
    config.write_text(json.dumps({"name": "slow", "address": HERE, "port": port, "wait": 0.5, "response": 10}))
    words = [sys.executable, "-m", "standfast.worlds.lab.service", str(config)]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None and "listens on" in process.stderr.readline()
        taken = subprocess.run([*words[:3], str(config)], capture_output=True, text=True, timeout=30)
        assert (taken.returncode, "cannot listen on" in taken.stderr, "fix" in taken.stderr) == (1, True, True)
        with socket.create_connection((HERE, port)) as caller:
            caller.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            answer = b""
            while block := caller.recv(4096):
                answer += block
        assert answer.startswith(b"HTTP/1.1 200 OK") and b"connection: close" in answer and answer.endswith(b"x" * 10)
        assert process.wait(5) == 0
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((HERE, port))
    finally:
        process.kill()
        process.wait()


def test_no_answer_in_time_is_told_as_such():
    async def run() -> None:
        async with running(wait=1.0) as (_, channel):
            with pytest.raises(Refused, match=r"no answer within 0\.05 s"):
                await channel.ask(0.05)
            assert await channel.ask(3.0, path=b"/healthz") == 200  # on another connection

    asyncio.run(run())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"address": "0.0.0.0"}, "is not a loopback address"),
        ({"prot": 1}, "did you mean 'port'?"),
        ({"cpu": "6 ms"}, "cpu: '6 ms' is not a number from 0"),
        ({"cpu": -1}, "cpu: '-1' is not a number from 0"),
        ({"calls": [{"to": "db"}]}, "'db' is called, and it is not said where it is"),
        ({"targets": {"db": {"kind": "oracle", "url": "x://"}}}, "targets.db.kind"),
        ({"targets": {"db": {"kind": "redis", "url": "http://a"}}}, "begins with redis://"),
        ({"calls": 3}, "a list is wanted"),
        ({"port": 0}, "not between 1 and 65535"),
    ],
)
def test_a_wrong_configuration_is_a_problem(given, said):
    with pytest.raises(Problems, match=r"api\.json") as problems:
        parse_config({"name": "api", "address": HERE, "port": 8080} | given, Place("api.json"))
    assert said in str(problems.value)
