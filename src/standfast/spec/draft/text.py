"""The text of a spec: small, commented, and nothing in it that could be read as anything but what it is."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Sequence

import yaml

from standfast.spec.draft.parts import Part
from standfast.spec.draft.workload import printed

_PLAIN = re.compile(r"[A-Za-z0-9/.][A-Za-z0-9 /._@:%+-]*")
_RESOLVER = yaml.SafeLoader("")
WIDTH = 118


def spec_text(
    title: Sequence[str], system: str, promises: str, services: Iterable[Part], stores: Iterable[Part]
) -> str:
    lines = [*(f"# {printed(line)}" for line in title), f"system: {scalar(system)}"]
    lines += [
        "owner: you@example.com               # change it: alerts go here",
        "",
        *promises.rstrip("\n").split("\n"),
        "",
    ]
    lines += [
        "rules:",
        "  clouds: [aws]",
        "  residency: any                       # or EU, a country such as DE, a continent",
    ]
    lines += ["", "services:", *(line for part in services for line in _service(part))]
    kept = [line for part in stores for line in _store(part)]
    if kept:
        lines += ["", "stores:", *kept]
    return "\n".join(lines) + "\n"


def _service(part: Part) -> list[str]:
    lines = [*_notes(part), f"  {part.name}:"]
    for key, value, comment in part.lines:
        if isinstance(value, dict):
            lines += [f"    {key}:", *(f"      {scalar(name)}: {scalar(child)}" for name, child in value.items())]
        else:
            lines += (
                _list(key, value) if isinstance(value, list) else [_commented(f"    {key}: {scalar(value)}", comment)]
            )
    return lines


def _list(key: str, values: Sequence[object]) -> list[str]:
    short = f"    {key}: [{', '.join(scalar(value) for value in values)}]"
    return [short] if len(short) <= WIDTH else [f"    {key}:", *(f"      - {scalar(value)}" for value in values)]


def _store(part: Part) -> list[str]:
    fields = ", ".join(f"{key}: {scalar(value)}" for key, value, _ in part.lines)
    told = "; ".join(comment for _, _, comment in part.lines if comment)
    return [*_notes(part), _commented(f"  {part.name}: {{{fields}}}", told)]


def _notes(part: Part) -> list[str]:
    wrapped = [textwrap.wrap(printed(note, 2000), WIDTH - 6, break_on_hyphens=False) for note in part.notes]
    return [f"  # {line}" for lines in wrapped for line in lines]


def _commented(line: str, comment: str) -> str:
    return f"{line:<37} # {printed(comment)}" if comment else line


def scalar(value: object) -> str:
    """A value as YAML: plain where it cannot be taken for anything else, in double quotes otherwise."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{scalar(key)}: {scalar(child)}' for key, child in value.items())}}}"
    text = str(value)
    word = _PLAIN.fullmatch(text) and ": " not in text and not text.endswith((":", " ")) and text not in "yYnN"
    if word and _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str":
        return text
    return json.dumps(text, ensure_ascii=False)
