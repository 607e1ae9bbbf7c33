"""Quantities as people write them: `1500 rps`, `200 GiB`, `15 min`, `99.95%`, `6000 USD/month`.

Inside Standfast a duration is in seconds, data in GiB, a rate per second, a share a fraction of one, and
money in USD per month. Years have 365.25 days, months are a twelfth of one (30.44 days).
"""

from __future__ import annotations

import math
import re

from standfast.problem import quoted

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

# Commas only between groups of three digits: 1,5 is read as 1.5 by some people and as 15 by others.
_NUMBER = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])|[0-9][0-9_]*)?(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?"
COUNTS = ("failed checks", "components outside", "open controls")  # units of promises that are told by their measure

_PATTERN = re.compile(rf"\s*({_NUMBER})\s*([^\s0-9.,_+-].*?)?\s*")
_LONGEST = 60  # characters of a quantity


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
    written = str(text)
    match = _PATTERN.fullmatch(written) if len(written) <= _LONGEST else None
    if match is None or not any(map(str.isdigit, match[1])):
        if "," in written:
            fix += "; the decimal sign is a point"
        raise QuantityError(f"{quoted(written, 40)} is not a {kind}", fix)
    try:
        number = float(match[1].replace("_", "").replace(",", ""))
    except ValueError as error:
        raise QuantityError(f"{quoted(written, 40)} is not a {kind}", fix) from error
    if number < 0:
        raise QuantityError(f"a {kind} cannot be negative: {quoted(written, 40)}", fix)
    unit = match[2] or ""
    if number == 0 and not unit:
        return 0.0
    value = number * _factor(unit, kind, units, fix, written)
    if not math.isfinite(value):
        raise QuantityError(f"{quoted(written, 40)} is not a finite number", fix)
    return round(value, 12) if kind == "share" else value


def _factor(unit: str, kind: str, units: dict[str, float], fix: str, written: str) -> float:
    if unit in units:
        return units[unit]
    folded = {known.lower(): known for known in units}
    if unit.lower() in folded and kind not in ("data", "data rate"):  # MB and Mb differ; nothing else does
        return units[folded[unit.lower()]]
    if not unit:
        raise QuantityError(f"{quoted(written, 40)} has no unit", fix)
    owner = next((name for name, (known, _) in KINDS.items() if unit in known), None)
    if owner:
        raise QuantityError(f"unit {quoted(unit, 20)} is a {owner}, not a {kind}", fix)
    raise QuantityError(f"unknown unit {quoted(unit, 20)} for a {kind}", fix)


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
    if unit in COUNTS:
        return f"{value:,.0f}"
    return f"{_digits(value)} {unit}".rstrip()


def _digits(value: float) -> str:
    """Three significant digits, thousands separated, no trailing zeros."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
