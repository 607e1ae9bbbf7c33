"""Functions of texts."""

from __future__ import annotations

import re
from typing import Any

from standfast.audit.reading import UNKNOWN
from standfast.audit.sources.terraform.values import LONGEST, Cannot, joined, later, number, plain, text

# A pattern in which something that repeats is repeated may take for ever, where Go's engine does not.
_ENDLESS = re.compile(r"\((?:[^()\\]|\\.)*(?:[*+]|\{\d+,)(?:[^()\\]|\\.)*\)(?:[*+]|\{)")
_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "space": r"\s", "lower": "a-z", "upper": "A-Z",
    "punct": r"!-/:-@\[-`{-~", "word": r"\w", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_VERB = re.compile(r"%(?:\[(\d+)\])?([-+# 0]*)(\d+)?(?:\.(\d+))?([%a-zA-Z])")


def pattern(said: str) -> re.Pattern[str]:
    """A pattern of Go's, as Python's. Raises Cannot for one that could take for ever, or that is none."""
    if len(said) > 2000 or _ENDLESS.search(said):
        raise Cannot("this pattern could take for ever", "it repeats what repeats", seen=False)
    said = re.sub(r"\\z", r"\\Z", said)
    for name, members in _CLASSES.items():
        said = said.replace(f"[:{name}:]", members)
    try:
        return re.compile(said)
    except (re.error, RecursionError, OverflowError) as caught:
        raise Cannot("this is no pattern that can be read here", seen=False) from caught


def _short(said: str) -> str:
    if len(said) > 100_000:
        raise Cannot("a text is too long to look for a pattern in", seen=False)
    return said


def regex(said: str, where: str) -> Any:
    found = pattern(said).search(_short(where))
    if found is None:
        raise Cannot("the pattern is not in the text")
    return _groups(found)


def _groups(found: re.Match[str]) -> Any:
    if found.re.groupindex:
        return dict(found.groupdict())
    return list(found.groups()) if found.re.groups else found[0]


def replace(where: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        written = re.sub(r"\\(?=\D|$)", r"\\\\", new)
        written = re.sub(r"\$\{(\w+)\}|\$(\w+)", lambda one: rf"\g<{one[1] or one[2]}>", written)
        return pattern(old[1:-1]).sub(written, _short(where))
    if len(where) * max(1, len(new)) > LONGEST * 4:
        raise Cannot("a text grows too long")
    return where.replace(old, new)


def formatted(said: Any, *values: Any) -> Any:
    """`format`; what is decided later leaves a reference in the text."""
    said = plain(said)
    if later(said):
        return UNKNOWN
    parts: list[Any] = []
    at = used = 0
    for seen in _VERB.finditer(text(said)):
        parts.append(said[at : seen.start()])
        at = seen.end()
        if seen[5] == "%":
            parts.append("%")
            continue
        used = int(seen[1]) if seen[1] else used + 1
        if used > len(values):
            raise Cannot("format() has fewer values than verbs")
        parts.append(_one(seen, values[used - 1]))
    return joined([*parts, text(said)[at:]])


def _one(seen: re.Match[str], value: Any) -> Any:
    verb, flags, width = seen[5], seen[2] or "", min(int(seen[3] or 0), 10_000)
    inside = plain(value)
    if later(inside):
        return value
    if verb in "sv":
        said = _shown(inside, verb)
        said = said[: int(seen[4])] if seen[4] and verb == "s" else said
    elif verb == "q":
        said = _shown(inside, "q")
    elif verb == "t":
        said = text(inside)
    elif verb in "dbxXo":
        said = f"{int(number(inside)):{'+' if '+' in flags else ''}{verb}}"
    elif verb in "feEgG":
        said = f"{number(inside):{'+' if '+' in flags else ''}.{min(int(seen[4] or 6), 100)}{verb}}"
    else:
        raise Cannot(f"format() has no verb %{verb}")
    if "0" in flags and "-" not in flags and verb not in "svqt":
        return said.zfill(width)
    return said.ljust(width) if "-" in flags else said.rjust(width)


def _shown(value: Any, verb: str) -> str:
    import json

    if isinstance(value, (list, dict)) or value is None or verb == "q":
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text(value)


def formatlist(said: str, *values: Any) -> Any:
    lengths = {len(one) for one in values if isinstance(one, list)}
    if len(lengths) > 1:
        raise Cannot("the lists are not of one length")
    count = lengths.pop() if lengths else 1
    return [
        formatted(said, *(one[place] if isinstance(one, list) else one for one in values)) for place in range(count)
    ]


def join(between: Any, *lists: Any) -> Any:
    between, members = plain(between), []
    for one in map(plain, lists):
        if later(one):
            return UNKNOWN
        members += one
    if later(between):
        return UNKNOWN
    parts: list[Any] = []
    for one in members:
        parts += [between, one] if parts else [one]
    return joined(parts)


def indent(spaces: int, said: str) -> str:
    return said.replace("\n", "\n" + " " * min(int(spaces), 1000))


def substr(said: str, start: int, length: int) -> str:
    start = max(0, len(said) + start) if start < 0 else start
    return said[start:] if length < 0 else said[start : start + length]


def title(said: str) -> str:
    return re.sub(r"(?<![\w'])\w", lambda one: one[0].upper(), said)


def trim(said: str, cutset: str) -> str:
    return said.strip(cutset) if cutset else said


OPEN = {"format": formatted, "join": join}
FUNCTIONS = {
    "chomp": lambda said: re.sub(r"[\r\n]+\Z", "", said),
    "endswith": lambda said, end: text(said).endswith(end),
    "formatlist": formatlist,
    "indent": indent,
    "lower": lambda said: text(said).lower(),
    "regex": regex,
    "regexall": lambda said, where: [_groups(one) for one in pattern(said).finditer(_short(where))],
    "replace": lambda where, old, new: replace(text(where), text(old), text(new)),
    "split": lambda by, said: text(said).split(by) if by else list(said),
    "startswith": lambda said, start: text(said).startswith(start),
    "strcontains": lambda said, part: part in text(said),
    "strrev": lambda said: text(said)[::-1],
    "substr": lambda said, start, length: substr(text(said), int(number(start)), int(number(length))),
    "title": title,
    "trim": trim,
    "trimprefix": lambda said, start: text(said).removeprefix(start),
    "trimspace": lambda said: text(said).strip(),
    "trimsuffix": lambda said, end: text(said).removesuffix(end),
    "upper": lambda said: text(said).upper(),
}
