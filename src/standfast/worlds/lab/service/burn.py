"""CPU time, really used: so many seconds of a core as a request costs, no more and no less.

A thread hashes blocks until the kernel says it has used its time, so a core that others share takes longer, as real
work does. Hashing lets go of Python's lock: as many threads as there are cores work at once, and the loop that
answers health checks goes on. What the service itself uses per request (parsing, calls, the hand-over to the thread)
belongs to the same time: it is measured all along and burned that much less.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from concurrent.futures import ThreadPoolExecutor

BLOCK = bytes(32 * 1024)
LEAST = 50  # requests in a measurement of what the service itself uses
LATELY = 0.1  # weight of the newest request in the pace
WEIGHT = 0.3  # of the newest such measurement


class Burn:
    """`mean`: seconds of this machine's core per request; `cores`: how many requests burn at once."""

    def __init__(self, mean: float, variation: float, cores: int, seed: int | None = None):
        self.mean, self.variation, self.cores = mean, variation, cores
        self.random = random.Random(seed)
        self.threads = ThreadPoolExecutor(cores, thread_name_prefix="burn")
        self.block = calibrated()
        self.pace = mean  # seconds that a request has a thread for, lately: longer than `mean` where cores are shared
        self.line = 0  # requests that burn or stand in line
        self.burned = 0.0
        self.own = 0.0  # seconds of CPU that the service itself uses per request
        self.owed = 0.0  # seconds that were used beyond what requests cost: given back by the next ones
        self.marked: tuple[int, float, float] | None = None

    def draw(self) -> float:
        """A gamma time of that mean and coefficient of variation."""
        if not self.mean or not self.variation:
            return self.mean
        shape = 1 / self.variation**2
        return self.random.gammavariate(shape, self.mean / shape)

    @property
    def wait(self) -> float:
        """Seconds that a request which comes now would stand in line, at the pace of the last ones."""
        return max(0, self.line - self.cores + 1) * self.pace / self.cores

    async def once(self) -> None:
        """Use the CPU time of one request."""
        seconds = self.draw() - self.own - self.owed
        self.owed = max(0.0, -seconds)
        if seconds <= 0:
            return
        self.line += 1
        try:
            used, took = await asyncio.get_running_loop().run_in_executor(self.threads, timed, seconds, self.block)
            self.burned += used  # not in one line with the wait: others add to it meanwhile
            self.pace += LATELY * (took + self.own - self.pace)
        finally:
            self.line -= 1

    def measure(self, requests: int) -> None:
        """Learn what the service itself uses per request. `requests`: all that were answered so far."""
        now = time.process_time()
        if self.marked is None:  # what the start cost is no request's
            self.marked = (requests, now, self.burned)
        before, used, burned = self.marked
        answered = requests - before
        if answered < LEAST:
            return
        own = max(0.0, (now - used - (self.burned - burned)) / answered)
        self.own = own if not self.own else (1 - WEIGHT) * self.own + WEIGHT * own
        self.marked = (requests, now, self.burned)

    def close(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)


def timed(seconds: float, block: float) -> tuple[float, float]:
    """As `burn`, and how long it took by the clock."""
    began = time.monotonic()
    return burn(seconds, block), time.monotonic() - began


def burn(seconds: float, block: float) -> float:
    """Use that much CPU time in this thread, to half a block; what was used. `block`: seconds of one block."""
    began = time.thread_time()
    end = began + seconds - block / 2
    while (now := time.thread_time()) < end:
        hashlib.sha256(BLOCK)
    return now - began


def calibrated() -> float:
    """Seconds that this machine's core takes for one block: the quickest of several."""
    times = []
    for _ in range(9):
        began = time.thread_time()
        hashlib.sha256(BLOCK)
        times.append(time.thread_time() - began)
    return min(times)
