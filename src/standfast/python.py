"""Python text, laid out as `ruff format` would leave it, so that no formatter has to run.

What fits on its line stays on it; what does not is opened, one item per line, each with a comma after it. A comma
after the last item keeps it open for every formatter of Python, so one rule is enough.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

WIDTH = 110
STEP = 4
_INDEXED = re.compile(r"([\w.\[\]]+)\[(\d+)\]([\w.]*)")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True)
class Code:
    """An expression on one line, or text in three quotes that has lines of its own."""

    text: str

    @property
    def flat(self) -> str:
        return self.text


@dataclass(frozen=True)
class Group:
    """A call, a list or a dictionary: what opens it, its items each with what stands before it, what closes it."""

    opens: str
    items: tuple[tuple[str, Code | Group], ...]
    closes: str
    flat: str = field(init=False)

    def __post_init__(self) -> None:
        inner = ", ".join([f"{before}{item.flat}" for before, item in self.items])
        object.__setattr__(self, "flat", f"{self.opens}{inner}{self.closes}")


Node = Code | Group


def call(function: str, *positional: Node, **named: Node) -> Group:
    items = [("", one) for one in positional] + [(f"{name}=", one) for name, one in named.items()]
    return Group(f"{function}(", tuple(items), ")")


def array(items: Iterable[Node]) -> Group:
    return Group("[", tuple(("", one) for one in items), "]")


def mapping(items: Mapping[str, Node]) -> Group:
    return Group("{", tuple((f"{quoted(key)}: ", one) for key, one in items.items()), "}")


def layout(node: Node, before: int = 0, depth: int = 0, after: int = 0) -> str:
    """Text of an expression that begins at column `before` of a line indented by `depth`, with `after` more behind."""
    if before + len(node.flat) + after <= WIDTH and "\n" not in node.flat:
        return node.flat
    if indexed := _INDEXED.fullmatch(node.flat):  # a long attribute is opened at its last index
        head, index, rest = indexed.groups()
        return f"{head}[\n{' ' * (depth + STEP)}{index}\n{' ' * depth}]{rest}"
    if isinstance(node, Code) or not node.items:
        return node.flat
    inner = depth + STEP
    lines = [f"{' ' * inner}{head}{layout(item, inner + len(head), inner, 1)}," for head, item in node.items]
    return "\n".join([node.opens, *lines, f"{' ' * depth}{node.closes}"])


def assigned(name: str, node: Node) -> str:
    whole = len(name) + 3 + len(node.flat) <= WIDTH
    if isinstance(node, Group) and not whole and len(name) + 3 + len(node.opens) > WIDTH:
        return f"{name} = (\n{' ' * STEP}{layout(node, STEP, STEP)}\n)"
    return f"{name} = {layout(node, len(name) + 3)}"


def quoted(text: str) -> str:
    """A literal that means exactly `text`: in the quotes that need fewer escapes, all of it on one line."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return f"{quote}{_escaped(text, quote)}{quote}"


def formatted(parts: Iterable[str | Code]) -> str:
    """An f-string of text and of expressions that hold no quotes themselves."""
    parts = list(parts)
    plain = "".join(one for one in parts if isinstance(one, str))
    quote = "'" if plain.count('"') > plain.count("'") else '"'
    inner = "".join(
        f"{{{one.text}}}" if isinstance(one, Code) else _escaped(one, quote).replace("{", "{{").replace("}", "}}")
        for one in parts
    )
    return f"f{quote}{inner}{quote}"


def lines_of_text(text: str, first: bool = True) -> str:
    """Text in three quotes, where its lines stand as they are; the first begins on a line of its own."""
    other = ('"""' in text or text.endswith('"')) and "'''" not in text and not text.endswith("'")
    quote = "'" if other else '"'
    body = text.rstrip(quote)
    inner = "\n".join(_escaped(line, "") for line in body.split("\n"))
    inner = inner.replace(quote * 3, f"{quote * 2}\\{quote}") + f"\\{quote}" * (len(text) - len(body))
    return f"{quote * 3}{chr(92) + chr(10) if first else ''}{inner}{quote * 3}"


def docstring(text: str) -> str:
    """A line that says what a module is for, whatever it holds."""
    said = _escaped(" ".join(text.split()), '"')
    return f'"""{said}"""'


def literal(value: object) -> Node:
    """Plain data."""
    if isinstance(value, str):
        return Code(quoted(value))
    if isinstance(value, Mapping):
        return mapping({str(key): literal(one) for key, one in value.items()})
    if isinstance(value, (list, tuple)):
        return array(map(literal, value))
    return Code(repr(value))


def raw(pattern: str) -> str:
    """A regular expression as people write it, where it can be."""
    simple = pattern.isprintable() and '"' not in pattern and not pattern.endswith("\\") and "\\" in pattern
    return f'r"{pattern}"' if simple else quoted(pattern)


@lru_cache(maxsize=10_000)  # the same words are asked for at every resource
def identifier(name: str) -> str:
    """A name that Python takes, as near to `name` as can be."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if not plain or plain[0].isdigit():
        plain = f"_{plain}"
    return f"{plain}_" if keyword.iskeyword(plain) else plain


@lru_cache(maxsize=10_000)
def snake(name: str) -> str:
    """The name of a class as the name of a variable: `SecurityGroup`, `WebACL` as `security_group`, `web_acl`."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name))
    return apart.lower()


def camel(name: str) -> str:
    """A name as Pulumi's engine spells it: `disk_size` as `diskSize`."""
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def _escaped(text: str, quote: str) -> str:
    if text.isprintable() and "\\" not in text and (not quote or quote not in text):
        return text
    return "".join(f"\\{one}" if one == quote else _ESCAPES.get(one) or _visible(one) for one in text)


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
