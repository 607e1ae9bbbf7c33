"""Patterns of names with * and ?: whether one may meet another, and whether it covers all of it.

UNSEEN stands for text that is decided later: it meets whatever may be there, for certain nothing.
"""

from __future__ import annotations

import re
from functools import cache

UNSEEN = "\N{INVERTED QUESTION MARK}"
SAMPLE = "\N{SNOWMAN}"  # what a pattern names only where it names everything


@cache
def meets(one: str, other: str) -> bool | None:
    """Whether a name fits both patterns; None, where that hangs on text that is decided later."""
    if _overlap(one, other):
        return True
    return None if UNSEEN in one + other and _overlap(one.replace(UNSEEN, "*"), other.replace(UNSEEN, "*")) else False


@cache
def covers(pattern: str, names: str) -> bool | None:
    """Whether every name of `names` fits the pattern; None, where that hangs on text that is decided later."""
    short, long = ("", SAMPLE * (len(pattern) + 1))
    if all(_fits(pattern, names.replace("*", some).replace("?", SAMPLE)) for some in (short, long)):
        return True
    return None if UNSEEN in pattern + names and meets(pattern, names) is not False else False


def _fits(pattern: str, text: str) -> bool:
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _overlap(one: str, other: str) -> bool:
    """By the places both patterns may have come to, letter by letter."""
    places = _past_stars({0}, one)
    reached = {(place, end) for place in places for end in _past_stars({0}, other)}
    seen = set(reached)
    while reached:
        if (len(one), len(other)) in reached:
            return True
        after = set()
        for left, right in reached:
            for a, more in _steps(one, left):
                for b, further in _steps(other, right):
                    if (a == b or "?" in (a, b)) and UNSEEN not in (a, b):
                        after |= {(x, y) for x in _past_stars({more}, one) for y in _past_stars({further}, other)}
        reached = after - seen
        seen |= reached
    return False


def _past_stars(places: set[int], pattern: str) -> set[int]:
    """The places, and those after stars that stand for nothing."""
    found = set(places)
    for place in places:
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            found.add(place)
    return found


def _steps(pattern: str, place: int) -> list[tuple[str, int]]:
    """The letters a pattern takes at a place, and where it is then; ? is any letter."""
    if place >= len(pattern):
        return []
    return [("?", place)] if pattern[place] == "*" else [(pattern[place], place + 1)]
