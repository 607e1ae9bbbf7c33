"""The patterns of `private.py` for the text of a log line: values by form, and what stands beside a telling key.

Written for Ruby (Logstash), Java (Elasticsearch), Go (Datadog's Agent) and Python alike: no look-around, no inline
flags but one at the beginning. Tests hold every pattern against the one for attributes that it comes from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from standfast.plan import Plan
from standfast.watch.private import blocked_keys, blocked_values

MASKED = "[masked]"
# A user may send what is long and made to be slow: parts of a key are short, and stop where the next key begins.
ANY = '[^"]{0,64}'  # any part of a key in JSON
PLAIN = r'[^"=\s,;&?]{0,64}'  # and of one before an equals sign
_UNNAMED = re.compile(r"(?<!\\)\((?!\?)")  # a parenthesis that would count as a group


@dataclass(frozen=True)
class Mask:
    """`pattern` is replaced by what its first group held, if it has one, and by `MASKED`."""

    pattern: str
    keeps: bool = False
    quoted: bool = False  # inside JSON the mask is a string


def masks(plan: Plan) -> tuple[Mask, ...]:
    """What is masked in every line, in this order: beside keys in JSON, beside keys in key=value, then by form."""
    blocked = blocked_keys(plan)
    quoted, plain = ("|".join(whole(pattern, part) for pattern in blocked) for part in (ANY, PLAIN))
    return (
        Mask(rf'(?i)("(?:{quoted})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false)', True, True),
        Mask(rf'(?i)((?:^|[\s,;&?])(?:{plain})=)(?:"[^"]*"|[^\s,;&"]+)', True),
        # a bare number in JSON becomes a string, or the line would be JSON no longer
        *(
            Mask(rf'([^\\]"\s*:\s*)-?(?:{_UNNAMED.sub("(?:", one)})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?', True, True)
            for one in blocked_values(plan)
        ),
        *(Mask(pattern) for pattern in blocked_values(plan)),
    )


def whole(pattern: str, part: str = ANY) -> str:
    """A pattern that is looked for in a key, as one that a whole key fits; `part`: what else a key may have."""
    pattern = pattern.removeprefix("(?i)")
    if pattern.startswith("(") and pattern.endswith(")"):
        return "|".join(whole(one, part) for one in _alternatives(pattern[1:-1]))
    # a key goes on before and after what is looked for, unless that is bound to its beginning or end
    start, end = "" if pattern.startswith("^") else part, "" if pattern.endswith("$") else part
    body = pattern.removeprefix("^").removesuffix("$")
    if body.startswith("(^|"):  # at the beginning of the key, or after one of these
        rest = body.removeprefix("(^|")
        ends, _, body = rest.partition(")")
        start = f"(?:{part}{ends})?"
    return start + _UNNAMED.sub("(?:", body).replace(".*", part) + end


def _alternatives(text: str) -> list[str]:
    """The parts between the bars that stand in no parenthesis."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
