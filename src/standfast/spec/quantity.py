"""Quantities as people write them: `1500 rps`, `200 GiB`, `15 min`, `99.95%`, `6000 USD/month`.

Inside Standfast a duration is in seconds, data in GiB, a rate per second, a share a fraction of one, and
money in USD per month. Years have 365.25 days, months are a twelfth of one (30.44 days).
"""

from __future__ import annotations

import math
import re

DAY = 86_400.0
MONTH = 365.25 * DAY / 12
YEAR = 365.25 * DAY

DURATION = {
    "ms": 1e-3, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "min": 60.0, "minute": 60.0,
    "minutes": 60.0, "h": 3600.0, "hour": 3600.0, "hours": 3600.0, "d": DAY, "day": DAY, "days": DAY,
    "week": 7 * DAY, "weeks": 7 * DAY, "month": MONTH, "months": MONTH, "year": YEAR, "years": YEAR,
}  # fmt: skip
DATA = {
    "B": 1 / 2**30, "KiB": 1 / 2**20, "MiB": 1 / 2**10, "GiB": 1.0, "TiB": 2.0**10, "PiB": 2.0**20,
    "kB": 1e3 / 2**30, "KB": 1e3 / 2**30, "MB": 1e6 / 2**30, "GB": 1e9 / 2**30, "TB": 1e12 / 2**30,
    "PB": 1e15 / 2**30,
}  # fmt: skip
RATE = {
    "rps": 1.0,
    "/s": 1.0,
    "/min": 1 / 60,
    "/h": 1 / 3600,
    "/day": 1 / DAY,
    "requests/s": 1.0,
    "requests/min": 1 / 60,
}
SHARE = {"%": 0.01}
MONEY = {"USD/month": 1.0, "USD/year": 1 / 12, "USD/day": MONTH / DAY, "USD/hour": MONTH / 3600}
GROWTH = {"%/year": 0.01, "%/month": 0.12}
DATA_RATE = {
    f"{unit}/{per}": factor * MONTH / DURATION[per] for unit, factor in DATA.items() for per in ("day", "month", "year")
}
DATA_GROWTH = DATA_RATE
FREQUENCY = {f"/{per}": 1 / DURATION[per] for per in ("day", "week", "month", "year")}

KINDS: dict[str, tuple[dict[str, float], str]] = {
    "duration": (DURATION, "300 ms, 15 min, 4 h"),
    "data": (DATA, "400 MiB, 200 GiB, 2 TiB"),
    "rate": (RATE, "1500 rps, 90/min"),
    "share": (SHARE, "99.95%, 60%"),
    "money": (MONEY, "6000 USD/month"),
    "growth": (GROWTH, "40%/year"),
    "data rate": (DATA_RATE, "8 TiB/month"),
    "frequency": (FREQUENCY, "2/week"),
}

_PATTERN = re.compile(r"\s*([+-]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*")


class QuantityError(ValueError):
    """What is wrong with a quantity, and how to write it instead."""

    def __init__(self, what: str, fix: str):
        super().__init__(what)
        self.what, self.fix = what, fix


def quantity(text: object, kind: str) -> float:
    """Read `text` as a quantity of `kind` (a key of `KINDS`), in Standfast's own unit.

    Raises QuantityError for a missing or wrong unit, a number that is negative, infinite or not a number.
    """
    units, examples = KINDS[kind]
    fix = f"write it like {examples}"
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise QuantityError(f"expected a {kind}, found {type(text).__name__}", fix)
    match = _PATTERN.fullmatch(str(text)[:200])
    if match is None:
        raise QuantityError(f"'{str(text)[:40]}' is not a {kind}", fix)
    number, unit = float(match[1].replace("_", "").replace(",", "")), match[2]
    if not math.isfinite(number):
        raise QuantityError(f"'{str(text)[:40]}' is not a finite number", fix)
    if number < 0:
        raise QuantityError(f"a {kind} cannot be negative: '{str(text)[:40]}'", fix)
    factor = units.get(unit)
    if factor is None:
        folded = {known.lower(): known for known in units}
        if number == 0 and not unit:
            return 0.0
        if unit.lower() in folded and kind not in (
            "data",
            "data rate",
        ):  # MB and Mb differ; nothing else does
            factor = units[folded[unit.lower()]]
        elif not unit:
            raise QuantityError(f"'{str(text)[:40]}' has no unit", fix)
        else:
            owner = next((name for name, (known, _) in KINDS.items() if unit in known), None)
            what = (
                f"unit '{unit[:20]}' is a {owner}, not a {kind}"
                if owner
                else f"unknown unit '{unit[:20]}' for a {kind}"
            )
            raise QuantityError(what, fix)
    return round(number * factor, 12) if kind == "share" else number * factor


def show(value: float, unit: str) -> str:
    """A value in the unit of a promise, as a person reads it: `(240, 's')` gives `4 min`."""
    if unit == "s":
        for name, size in (("day", DAY), ("h", 3600.0), ("min", 60.0)):
            if value >= 2 * size or (value >= size and value % size == 0):
                return f"{_digits(value / size)} {name}{'s' if name == 'day' and value != size else ''}"
        return f"{_digits(value)} s" if value >= 1 or value == 0 else f"{_digits(value * 1000)} ms"
    if unit == "%":
        return f"{value:.4f}".rstrip("0").rstrip(".") + "%"
    if unit == "USD/month":
        return f"{value:,.0f} USD/month"
    return f"{_digits(value)} {unit}".rstrip()


def _digits(value: float) -> str:
    """Three significant digits, thousands separated, no trailing zeros."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
