"""Plain data as YAML as ansible-lint would have it. What a user wrote is marked, so that Ansible takes it as it is."""

from __future__ import annotations

import re
from typing import Any

import yaml

from standfast.files import File

STRING = "tag:yaml.org,2002:str"
WIDTH = 140
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_ ./-]*")  # reads well without quotes


class Unsafe(str):
    """Text of the user: written with the tag `!unsafe`, so that no part of it is ever a template.

    Ansible reads `!unsafe "null"` as null, whatever its quotes: such a word is written without the tag, in quotes.
    """


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Items of a list stand deeper than their key."""
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _unsafe(dumper: yaml.SafeDumper, text: Unsafe) -> yaml.ScalarNode:
    word = dumper.resolve(yaml.ScalarNode, str(text), (True, False)) != STRING  # null, yes, 0x1F, 2026-11-28 …
    return dumper.represent_scalar(STRING if word else "!unsafe", str(text), style='"')


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(STRING, text, style=None if _PLAIN.fullmatch(text) else '"')


_Dumper.add_representer(Unsafe, _unsafe)
_Dumper.add_representer(str, _text)


def file(path: str, data: Any, about: str) -> File:
    """A YAML file: a comment of one line that says what it is, then the data in its order."""
    plain = "".join(one if one.isprintable() else " " for one in about)
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False)
    return File(path, f"---\n# {plain}\n{text}")
