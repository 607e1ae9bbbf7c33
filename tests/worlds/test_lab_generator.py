"""The generator: sends what is due when it is due, and tells the truth about what it saw."""

from __future__ import annotations

import asyncio
import json
import math
import statistics
from pathlib import Path

import numpy as np
import pytest

from standfast.problem import Problems
from standfast.worlds.lab.load.generator import generate
from standfast.worlds.lab.load.histogram import MOST, Histogram, bounds, bucket
from standfast.worlds.lab.load.order import Entry, Order, Phase, arrivals, check, read_order
from standfast.worlds.lab.load.record import Sent, histogram, read_record, summary

HERE = "127.83.8.1"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def order(*phases: Phase, url: str = f"http://{HERE}:1/", record: Path = Path("x"), **more) -> Order:
    return Order((Entry(url),), phases or (Phase(100.0, 1.0),), str(record), **more)


class Server:
    """One worker that takes `service` seconds for each request, first come first served, and stalls once."""

    def __init__(self, service: float, stall: tuple[float, float] = (math.inf, math.inf)):
        self.service, self.stall, self.line = service, stall, asyncio.Lock()
        self.began: float | None = None
        self.stalled = (math.inf, math.inf)  # when it really did, by the clock of the loop

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.began = loop.time() if self.began is None else self.began
                async with self.line:
                    await asyncio.sleep(self.service)
                    now = loop.time() - self.began
                    if self.stall[0] <= now < self.stall[1]:
                        begin = loop.time()
                        await asyncio.sleep(self.stall[1] - now)
                        self.stalled = (begin, loop.time())
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def driven(server: Server, tmp_path: Path, *phases: Phase, **more) -> tuple[Order, list[Sent]]:
    async def run() -> Order:
        listening = await asyncio.start_server(server.answer, HERE, 0)
        url = f"http://{HERE}:{listening.sockets[0].getsockname()[1]}/"
        told = order(*phases, url=url, record=tmp_path / "requests.csv", **more)
        await generate(told)
        listening.close()
        return told

    told = asyncio.run(run())
    return told, read_record(Path(told.record))


def test_arrivals_are_poisson_and_the_same_for_the_same_seed():
    told = order(Phase(50.0, 100.0), Phase(200.0, 50.0), seed=3)
    due = [at for at, _ in arrivals(told)]
    slow, fast = [at for at in due if at < 100], [at for at in due if at >= 100]
    assert len(slow) == pytest.approx(5_000, abs=4 * 5_000**0.5)
    assert len(fast) == pytest.approx(10_000, abs=4 * 10_000**0.5)
    gaps = np.diff(slow)
    assert statistics.stdev(gaps) / statistics.mean(gaps) == pytest.approx(1.0, abs=0.06)  # exponential
    assert due == [at for at, _ in arrivals(told)] == sorted(due)
    assert max(due) < 150


def test_users_come_in_by_their_shares():
    told = Order((Entry("http://a", share=0.75), Entry("http://b", share=0.25)), (Phase(1000.0, 4.0),), "x")
    entries = [entry for _, entry in arrivals(told)]
    assert entries.count(0) / len(entries) == pytest.approx(0.75, abs=0.03)


def test_a_server_that_stalls_is_seen_to_stall_for_all_who_would_have_come(tmp_path, capsys):
    """No coordinated omission: whoever was due in the stall waited at least for its end."""
    server = Server(0.0, stall=(0.5, 1.1))
    told, sent = driven(server, tmp_path, Phase(150.0, 1.6), seed=5)
    assert [one.due for one in sent] == [pytest.approx(at, abs=1e-6) for at, _ in arrivals(told)]
    printed = capsys.readouterr().out
    begin, end = (at - json.loads(printed.splitlines()[0])["began"] for at in server.stalled)
    inside = [one for one in sent if begin < one.due < end]
    assert len(inside) > 40
    assert all(one.took > end - one.due - 0.003 for one in inside), "its time runs from when it was due"
    assert summary(sent, 0.0, 1.6).percentiles["p95"] > 0.4
    assert '"p95"' in printed


def test_a_line_is_measured_as_long_as_it_is(tmp_path):
    """Against Lindley's recursion over the same arrivals: one server, fixed service, 80 % busy. Never less."""
    service = 0.010
    _, sent = driven(Server(service), tmp_path, Phase(80.0, 2.0), seed=11)
    free = 0.0
    for one in sent:
        free = max(free, one.due) + service
        assert one.took > free - one.due - 0.003, one
    assert all(one.good for one in sent)


def test_what_gets_no_answer_is_an_error_with_its_reason(tmp_path):
    told = order(Phase(100.0, 0.4), record=tmp_path / "requests.csv")
    asyncio.run(generate(told))
    found = summary(read_record(Path(told.record)), 0.0, 0.4)
    assert found.requests > 20 and found.errors == 1.0 and found.throughput == 0.0
    assert math.isnan(found.percentiles["p95"])
    assert all("refused" in reason.lower() for reason in found.reasons)


def test_the_histogram_agrees_with_numpy():
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.lognormal(-4, 1.2, 20_000), rng.exponential(2e-5, 2_000)])
    halves = [Histogram(), Histogram()]
    for n, value in enumerate(values):
        halves[n % 2].add(value)
    halves[0].merge(halves[1])
    for share in (0.05, 0.5, 0.95, 0.99, 0.999):
        exact = np.quantile(values, share, method="inverted_cdf")
        assert halves[0].percentile(share) == pytest.approx(exact, rel=1 / 128, abs=6e-7)
    assert halves[0].total == len(values)
    assert Histogram().percentile(0.5) is None


def test_every_value_lies_in_its_bucket():
    for value in [*range(5_000), 2**20 - 1, 2**20, 2**20 + 1, MOST]:
        low, high = bounds(bucket(value))
        assert low <= value <= high
    assert bucket(-5) == 0 and bucket(2 * MOST) == bucket(MOST)


def test_a_summary_is_of_the_stretch_it_names():
    sent = [Sent(n / 100, 0.0, 0.1 if n < 100 else 0.2, 200 if n % 10 else 503) for n in range(200)]
    found = summary(sent, 1.0, 2.0)
    assert (found.requests, found.offered, found.errors) == (100, 100.0, pytest.approx(0.1))
    assert found.percentiles["p50"] == pytest.approx(0.2)
    assert found.reasons == {"answered 503": 10}
    assert histogram(sent).total == 180


def test_a_torn_last_line_is_left_out_and_another_is_a_problem(tmp_path):
    path = tmp_path / "requests.csv"
    path.write_text("due,late,took,status,why\n0.1,0.0,0.2,200,\n0.2,0.0,0.")
    assert read_record(path) == [Sent(0.1, 0.0, 0.2, 200)]
    path.write_text("due,late,took,status,why\n0.1,0.0,nan,200,\n0.2,0.0,0.1,200,\n")
    with pytest.raises(Problems, match=r"requests.csv:2"):
        read_record(path)
    path.write_text("a,b\n")
    with pytest.raises(Problems, match="not the record of a load"):
        read_record(path)


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        (Phase(0.0, 1.0), "'0.0' requests per second cannot be sent"),
        (Phase(-5.0, 1.0), "cannot be sent"),
        (Phase(math.nan, 1.0), "cannot be sent"),
        (Phase(1e6, 1.0), "are too many"),
        (Phase(10.0, 0.0), "a load of '0.0' seconds is none"),
        (Phase(5000.0, 1e5), "more than 5,000,000 requests"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_a_problem(phase, said):
    with pytest.raises(Problems) as problems:
        check(order(phase))
    assert said in str(problems.value)


def test_an_order_is_read_as_it_was_written(tmp_path):
    told = order(Phase(10.0, 1.0), seed=4)
    path = tmp_path / "order.json"
    path.write_text(told.text())
    assert read_order(path) == told
    path.write_text('{"entries": []}')
    with pytest.raises(Problems, match=r"order\.json"):
        read_order(path)
