"""Queueing against exact arithmetic, published tables, closed forms, and a simulated queue."""

from __future__ import annotations

import heapq
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.plan.models.queueing import Station, erlang_b, erlang_c, needed


def exact_b(servers: int, offered: Fraction) -> Fraction:
    """Erlang's first formula as he wrote it, in exact arithmetic."""
    terms = [offered**n / math.factorial(n) for n in range(servers + 1)]
    return terms[-1] / sum(terms)


def exact_c(servers: int, offered: Fraction) -> Fraction:
    """Erlang's second formula as he wrote it, in exact arithmetic."""
    last = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return last / (sum(offered**n / math.factorial(n) for n in range(servers)) + last)


@pytest.mark.parametrize("servers", [1, 2, 3, 7, 20, 64, 150])
@pytest.mark.parametrize("load", [Fraction(1, 50), Fraction(1, 2), Fraction(9, 10), Fraction(999, 1000)])
def test_both_formulas_equal_exact_arithmetic(servers: int, load: Fraction) -> None:
    offered = load * servers
    assert erlang_b(servers, float(offered)) == pytest.approx(float(exact_b(servers, offered)), rel=1e-12)
    assert erlang_c(servers, float(offered)) == pytest.approx(float(exact_c(servers, offered)), rel=1e-10)


@pytest.mark.parametrize(
    ("servers", "offered", "blocked"),
    [(1, 0.0101, 0.01), (2, 0.153, 0.01), (5, 1.361, 0.01), (10, 4.461, 0.01), (20, 12.03, 0.01), (50, 37.90, 0.01),
     (100, 84.06, 0.01), (5, 0.762, 0.001), (10, 3.092, 0.001), (20, 9.412, 0.001), (10, 6.216, 0.05)],
)  # fmt: skip
def test_erlang_b_equals_the_printed_tables(servers: int, offered: float, blocked: float) -> None:
    """The traffic tables of telephony (e.g. ITU-D "Teletraffic Engineering" handbook), printed to 3 or 4 digits."""
    assert erlang_b(servers, offered) == pytest.approx(blocked, rel=0.006)


def test_erlang_c_equals_worked_examples() -> None:
    assert erlang_c(1, 0.7) == pytest.approx(0.7)  # M/M/1: the server is busy
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)  # M/M/2 at half load
    # Call Centre Helper, "Erlang C Formula - Made Simple With an Easy Worked Example": 200 calls an hour of 3 minutes,
    # 14 agents: 17.4 % wait, 88.8 % are answered within 20 s, 7.8 s on average.
    calls = Station(arrivals=200 / 3600, service=180, servers=14)
    assert calls.offered == pytest.approx(10)
    assert calls.waits == pytest.approx(0.174, abs=5e-4)
    assert calls.wait == pytest.approx(7.8, abs=0.05)
    assert calls.wait_percentile(0.888) == pytest.approx(20, rel=0.02)


@pytest.mark.parametrize("beta", [0.25, 0.5, 1.0, 2.0])
def test_ten_thousand_servers_agree_with_the_limit_of_halfin_and_whitt(beta: float) -> None:
    """P(wait) -> 1 / (1 + beta Phi(beta)/phi(beta)) as servers grow with (1 - rho) sqrt(n) = beta (1981)."""
    servers = 10_000
    offered = servers * (1 - beta / math.sqrt(servers))
    phi = math.exp(-beta * beta / 2) / math.sqrt(2 * math.pi)
    limit = 1 / (1 + beta * (1 + math.erf(beta / math.sqrt(2))) / 2 / phi)
    assert erlang_c(servers, offered) == pytest.approx(limit, rel=0.03)  # the error goes down as 1/sqrt(n)


@pytest.mark.parametrize("offered", [1_000.0, 9_000.0, 9_990.0])
def test_ten_thousand_servers_agree_with_the_formula_in_logarithms(offered: float) -> None:
    """1/B is the sum of c!/(k! a^(c-k)): terms too large for a float, but not their logarithms."""
    servers = 10_000
    terms = [math.lgamma(servers + 1) - math.lgamma(k + 1) - (servers - k) * math.log(offered) for k in range(10_001)]
    largest = max(terms)
    logarithm = -largest - math.log(math.fsum(math.exp(term - largest) for term in terms))
    assert erlang_b(servers, offered) == pytest.approx(math.exp(logarithm), rel=1e-7, abs=1e-300)


def test_the_edges() -> None:
    assert erlang_c(4, 0.0) == 0.0
    assert erlang_c(4, 4.0) == 1.0
    idle, full = Station(0.0, 1.0), Station(2.0, 1.0)
    assert (idle.wait, idle.sojourn) == (0.0, 1.0)
    assert full.wait == math.inf
    assert full.wait_percentile(0.5) == full.sojourn_percentile(0.5) == math.inf


@pytest.mark.parametrize("variation", [0.0, 0.5, 1.0, 2.5])
def test_one_server_is_pollaczek_khinchine(variation: float) -> None:
    arrivals, service = 0.8, 1.0
    expected = arrivals * service**2 * (1 + variation**2) / 2 / (1 - arrivals * service)
    assert Station(arrivals, service, variation).wait == pytest.approx(expected)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.95), (2, 0.7), (8, 0.9), (64, 0.97)])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.95, 0.99, 0.999])
def test_sojourn_of_mmc_is_the_closed_form(servers: int, load: float, share: float) -> None:
    """P(T > t) of M/M/c (Gross and Harris, "Fundamentals of Queueing Theory"), solved by bisection."""
    station = Station(servers * load, 1.0, 1.0, servers)
    waits, drain = station.waits, servers * (1 - load)

    def later(t: float) -> float:
        if abs(drain - 1) < 1e-9:
            return math.exp(-t) * (1 + waits * t)
        both = (math.exp(-t) * drain - math.exp(-drain * t)) / (drain - 1)  # exponential wait, then service
        return (1 - waits) * math.exp(-t) + waits * both

    low, high = 0.0, 1e4
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if later(middle) > 1 - share else (low, middle)
    assert station.sojourn_percentile(share) == pytest.approx(low, rel=5e-4)


@pytest.mark.parametrize(
    ("servers", "load", "variation"), [(1, 0.7, 0.5), (4, 0.8, 0.5), (4, 0.8, 1.5), (16, 0.9, 1.2)]
)
def test_mgc_agrees_with_a_simulated_queue(servers: int, load: float, variation: float) -> None:
    """Kiefer and Wolfowitz's recursion: each arrival takes the server that is free first."""
    rng = np.random.default_rng(7)
    count = 200_000
    arrivals = np.cumsum(rng.exponential(1 / (servers * load), count))
    shape = 1 / variation**2
    services = rng.gamma(shape, 1 / shape, count)
    free, times, waits = [0.0] * servers, np.empty(count), np.empty(count)
    for n in range(count):
        start = max(arrivals[n], free[0])
        heapq.heapreplace(free, start + services[n])
        waits[n], times[n] = start - arrivals[n], start - arrivals[n] + services[n]
    settled = slice(count // 10, None)
    station = Station(servers * load, 1.0, variation, servers)
    assert station.wait == pytest.approx(waits[settled].mean(), rel=0.08)
    for share in (0.9, 0.95, 0.99):
        assert station.sojourn_percentile(share) == pytest.approx(np.quantile(times[settled], share), rel=0.08)


@given(offered=st.floats(0.01, 400), servers=st.integers(1, 500))
def test_more_servers_and_less_load_never_wait_more(offered: float, servers: int) -> None:
    assert erlang_c(servers + 1, offered) <= erlang_c(servers, offered) * (1 + 1e-12)
    assert erlang_c(servers, offered * 0.9) <= erlang_c(servers, offered) * (1 + 1e-12)
    assert 0 <= erlang_c(servers, offered) <= 1


@given(
    arrivals=st.floats(0.1, 5000),
    service=st.floats(1e-3, 0.2),
    variation=st.floats(0, 3),
    utilisation=st.floats(0.1, 1),
    wait=st.sampled_from([0.0, 1e-3, 0.05, math.inf]),
)
def test_needed_is_enough_and_one_less_is_not(
    arrivals: float, service: float, variation: float, utilisation: float, wait: float
) -> None:
    def enough(servers: int) -> bool:
        station = Station(arrivals, service, variation, servers)
        fits = station.offered < servers and station.utilisation <= utilisation * (1 + 1e-9)
        return fits and station.wait_percentile(0.95) <= wait * (1 + 1e-9)

    servers = needed(arrivals, service, variation, utilisation, 0.95, wait)
    assert enough(servers)
    assert servers == 1 or not enough(servers - 1)
