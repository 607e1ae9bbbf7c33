"""How each kind of value of the spec is read: a Node in, plain data out, or a `Bad` that says what is wrong."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import shlex
from functools import cache
from typing import Any

from standfast.problem import NOWHERE, Place, did_you_mean, quoted
from standfast.spec.document import Node
from standfast.spec.fields import Field
from standfast.spec.model import Retention
from standfast.spec.quantity import KINDS, QuantityError, quantity
from standfast.spec.secrecy import looks_secret

NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?")
NAME_FIX = "use lower-case letters, digits and hyphens, beginning with a letter, at most 32 characters"
COUNTRY = re.compile(r"[A-Z]{2}")
IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}")
URL_PATH = re.compile(r"/[A-Za-z0-9._~/%?=&+-]{0,254}")
ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
SECRET_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
PLACE = re.compile(r"any|[A-Za-z]{2,3}|(?:[A-Z][a-z]+ ){0,2}[A-Z][a-z]+")
WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
LONGEST_ARGUMENT, MOST_ARGUMENTS = 4_000, 200  # characters; more is a program, and belongs into a file
OPTION = re.compile(r"--?([A-Za-z][A-Za-z0-9_.-]*)(?:=(.*))?")


class Bad(ValueError):
    """A value that cannot be read: `what` is wrong, the `fix`, and where, if not at the value itself."""

    def __init__(self, what: str, fix: str = "", place: Place = NOWHERE):
        super().__init__(what)
        self.what, self.fix, self.place = what, fix, place


def read_value(node: Node, field: Field) -> Any:
    """Read one scalar or list by its field. Raises Bad."""
    if field.kind not in KINDS:
        return READERS[field.kind](node, field)
    try:
        value = quantity(node.raw if isinstance(node.value, (int, float)) and node.raw else node.plain(), field.kind)
    except QuantityError as error:
        raise Bad(error.what, error.fix) from error
    return _bounded(value, field, node)


@cache
def default_of(field: Field) -> Any:
    """The default of a field in Standfast's own units."""
    written = field.default
    return quantity(written, field.kind) if field.kind in KINDS and isinstance(written, str) else written


def _bounded(value: float, field: Field, node: Node) -> float:
    if field.least is not None and value < field.least:
        raise Bad(f"{quoted(node.raw or node.value)} is too small", "check the unit and the number")
    if field.most is not None and value > field.most:
        raise Bad(f"{quoted(node.raw or node.value)} is more than can be meant", "check the unit and the number")
    return value


def read_text(node: Node, field: Field) -> str:
    if isinstance(node.value, bool) or not isinstance(node.value, (str, int, float)):
        raise Bad(f"expected text, found {_called(node)}", "write it as one word or in quotes", node.place)
    text = node.value if isinstance(node.value, str) else node.raw or str(node.value)
    if len(text) > 500 or not text.isprintable():
        what = f"{quoted(text)} has characters that cannot be printed, or too many"
        raise Bad(what, "write one line of plain text", node.place)
    return text


def _matching(pattern: re.Pattern[str], called: str, fix: str):
    def read(node: Node, field: Field) -> str:
        text = read_text(node, field)
        if not pattern.fullmatch(text):
            raise Bad(f"{quoted(text)} {called}", fix, node.place)
        return text

    return read


def read_word(node: Node, field: Field) -> str:
    text = read_text(node, field)
    if field.choices and text not in field.choices:
        raise Bad(f"{quoted(text)} is not known here", did_you_mean(text, field.choices), node.place)
    if not WORD.fullmatch(text):
        raise Bad(f"{quoted(text)} is not a plain word", "use letters, digits, '-', '_' and '.'", node.place)
    return text


def read_words(node: Node, field: Field) -> tuple[str, ...]:
    items = node.value if isinstance(node.value, list) else [node]
    return tuple(dict.fromkeys(read_word(item, field) for item in items))


def read_secrets(node: Node, field: Field) -> tuple[str, ...]:
    items = node.value if isinstance(node.value, list) else [node]
    names: dict[str, None] = {}
    for item in items:
        name = _secret_name(item, field)
        if name in names:
            raise Bad(f"{quoted(name)} is written twice", "keep one of them", item.place)
        names[name] = None
    return tuple(names)


def read_flag(node: Node, field: Field) -> bool:
    words = {"yes": True, "on": True, "no": False, "off": False}
    if isinstance(node.value, str) and node.value.lower() in words:
        return words[node.value.lower()]
    if not isinstance(node.value, bool):
        raise Bad(f"expected true or false, found {_called(node)}", "write true or false")
    return node.value


def read_number(node: Node, field: Field) -> float:
    if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
        raise Bad(f"expected a number, found {_called(node)}", "write a plain number, such as 1.5")
    if not math.isfinite(node.value) or node.value < 0:
        raise Bad(f"{quoted(node.raw or node.value)} is not a usable number", "write a number of zero or more")
    return _bounded(float(node.value), field, node)


def read_count(node: Node, field: Field) -> int:
    if isinstance(node.value, bool) or not isinstance(node.value, int) or not 0 < node.value < 10**7:
        raise Bad(f"expected a count, found {_called(node)}", "write a whole number above zero")
    return node.value


def read_port(node: Node, field: Field) -> int:
    if isinstance(node.value, bool) or not isinstance(node.value, int) or not 0 < node.value < 65_536:
        raise Bad(f"{_called(node)} is not a port", "write a whole number from 1 to 65535")
    return node.value


def read_users(node: Node, field: Field) -> dict[str, float]:
    if not isinstance(node.value, dict) or not node.value:
        raise Bad(f"expected countries with shares, found {_called(node)}", "write {DE: 60%, FR: 40%}")
    users = {}
    for country, share in node.value.items():
        place = node.keys.get(country, node.place)
        if not COUNTRY.fullmatch(country):
            fix = "use ISO 3166 codes of two capitals, such as DE"
            raise Bad(f"{quoted(country)} is not a country code", fix, place)
        try:
            users[country] = read_value(share, Field("share", most=1.0))
        except Bad as bad:
            raise Bad(f"{country}: {bad.what}", bad.fix, share.place) from bad
    total = sum(users.values())
    if abs(total - 1) > 0.005:
        raise Bad(f"the shares add up to {total:.1%}", "let them add up to 100%")
    return {country: share / total for country, share in users.items()}


def read_retention(node: Node, field: Field) -> Retention:
    """Period -> how many; a period that is not written keeps none."""
    if not isinstance(node.value, dict):
        raise Bad(f"expected periods with counts, found {_called(node)}", "write {daily: 7, weekly: 4}")
    found = {one.name: 0 for one in dataclasses.fields(Retention)}
    for period, child in node.value.items():
        if period not in found:
            place = node.keys.get(period, node.place)
            raise Bad(f"unknown period {quoted(period)}", did_you_mean(period, found), place)
        if isinstance(child.value, bool) or not isinstance(child.value, int) or not 0 <= child.value < 10_000:
            raise Bad(f"{period}: expected a count, found {_called(child)}", "write a whole number", child.place)
        found[period] = child.value
    if not any(found.values()):
        raise Bad("it keeps no backup", "let one of the periods keep some: daily: 7")
    return Retention(**found)


def read_environment(node: Node, field: Field) -> dict[str, str]:
    if not isinstance(node.value, dict):
        raise Bad(f"expected names with values, found {_called(node)}", "write {LOG_LEVEL: info}")
    found = {}
    for name, child in node.value.items():
        place = node.keys.get(name, child.place)
        if not ENVIRONMENT_NAME.fullmatch(name):
            fix = "use letters, digits and '_'"
            raise Bad(f"{quoted(name)} is not the name of an environment variable", fix, place)
        found[name] = read_text(child, field)
        if looks_secret(name, found[name]):
            fix = "remove the value, and write its name under secrets: instead"
            raise Bad(f"the value of {name} looks like a secret, which must not stand in a file", fix, place)
    return found


def read_command(node: Node, field: Field) -> tuple[str, ...]:
    """A program and its arguments. One text is refused: who would take it apart, and which shell's rules would hold?"""
    if isinstance(node.value, str):
        raise Bad("a command is a list, one text for each argument", f"write [{_as_list(node.value)}]")
    if not isinstance(node.value, list):
        raise Bad(f"expected a list of texts, found {_called(node)}", "write [gunicorn, app:web]")
    if not node.value:
        raise Bad("the command is empty", "name a program, or remove the line: the image knows its own")
    if len(node.value) > MOST_ARGUMENTS:
        raise Bad(f"{len(node.value)} arguments are too many", "put them into a file of the image")
    found = tuple(_argument(item) for item in node.value)
    if not found[0].strip():
        raise Bad("the program has no name", "write it first: [gunicorn, app:web]", node.value[0].place)
    for before, text, item in zip(("", *found), found, node.value, strict=False):
        if _opens(before, text):
            what = f"an argument of {quoted(found[0])} looks like a secret, which must not stand in a file"
            fix = "write its name under secrets:, and let the program read the variable"
            raise Bad(what, fix, item.place)
    return found


def _argument(item: Node) -> str:
    if isinstance(item.value, bool) or not isinstance(item.value, (str, int, float)):
        raise Bad(f"expected text, found {_called(item)}", "write each argument in quotes", item.place)
    text = item.value if isinstance(item.value, str) else item.raw or str(item.value)
    if not text.isprintable():
        what = f"{quoted(text)} has line breaks or other characters that cannot be printed"
        raise Bad(what, "put it into a file of the image, and name the file", item.place)
    if len(text) > LONGEST_ARGUMENT:
        what = f"an argument of {len(text)} characters is too long"
        raise Bad(what, "put it into a file of the image, and name the file", item.place)
    return text


def _opens(before: str, text: str) -> bool:
    """`--password=x`, `--password x`, a login in an address."""
    return looks_secret(*told_to(before, text))


def told_to(before: str, text: str) -> tuple[str, str]:
    """The option that an argument is the value of, "" where it is of none, and the value."""
    own, named = OPTION.fullmatch(text), OPTION.fullmatch(before)
    if own and own[2] is not None:
        return own[1], own[2]
    return (named[1] if named and named[2] is None and not own else ""), text


def _as_list(text: str) -> str:
    text = "".join(one if one.isprintable() else " " for one in text[:300])
    try:
        words = shlex.split(text)
    except ValueError:  # a quote that is not closed
        words = text.split()
    plain = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
    return ", ".join(one if plain.fullmatch(one) else json.dumps(one, ensure_ascii=False) for one in words)


def _called(node: Node) -> str:
    kinds = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return kinds.get(type(node.value)) or quoted(node.raw or node.value)


_secret_name = _matching(SECRET_NAME, "cannot name a secret", "use letters, digits, '-', '_' and '.', at most 64")
READERS = {
    "name": _matching(NAME, "cannot be a name", NAME_FIX),
    "text": read_text,
    "word": read_word,
    "words": read_words,
    "secrets": read_secrets,
    "flag": read_flag,
    "number": read_number,
    "count": read_count,
    "port": read_port,
    "users": read_users,
    "environment": read_environment,
    "retention": read_retention,
    "command": read_command,
    "place": _matching(PLACE, "is not a place", "write EU, EEA, a country code such as DE, a continent, or any"),
    "image": _matching(IMAGE, "is not a container image", "write it like ghcr.io/acme/web:1.4"),
    "path": _matching(URL_PATH, "is not a URL path", "write it like /healthz"),
}
