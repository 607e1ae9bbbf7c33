"""Names that the spec allows, made from those that it does not: the same names give the same names."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

from standfast.spec.check import LONGEST_NAME, RESERVED
from standfast.spec.values import NAME


def renamed(names: Iterable[str]) -> Mapping[str, str]:
    """For each name one that the spec allows, all different; a name that is allowed already stays."""
    names = list(dict.fromkeys(names))
    found = {name: name for name in names if allowed(name)}
    taken, numbers = set(found), {}
    for name in names:
        if name not in found:
            word = free = plain(name)
            while free in taken:
                numbers[word] = numbers.get(word, 1) + 1
                end = f"-{numbers[word]}"
                free = f"{word[: LONGEST_NAME - len(end)].rstrip('-')}{end}"
            found[name] = free
            taken.add(free)
    return found


def allowed(name: str) -> bool:
    return bool(NAME.fullmatch(name)) and name not in RESERVED


def plain(name: str, otherwise: str = "service") -> str:
    """The nearest name the spec allows: my_API.v2 becomes my-api-v2."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-") or otherwise
    if not word[0].isalpha():
        word = f"s-{word}"
    if word in RESERVED:
        word = f"{word}-1"
    if len(word) <= LONGEST_NAME:
        return word
    mark = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:4]
    return f"{word[: LONGEST_NAME - 5].rstrip('-')}-{mark}"
