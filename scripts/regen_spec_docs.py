"""Write docs/spec.md, the reference of every field, from the tables the reader walks: spec/fields.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from standfast.spec import fields
from standfast.spec.fields import ABSENT, NESTED, REQUIRED, WRITTEN, Field
from standfast.spec.quantity import KINDS

PAGE = Path(__file__).parent.parent / "docs" / "spec.md"
SECTIONS = (
    ("The whole", "", fields.SYSTEM),
    ("promises", "promises", fields.PROMISES),
    ("scalability", "promises: scalability", fields.SCALABILITY),
    ("reliability", "promises: reliability", fields.RELIABILITY),
    ("recovery", "promises: reliability: recovery: instance, zone, region, corruption", fields.RECOVERY),
    ("performance", "promises: performance", fields.PERFORMANCE),
    ("security", "promises: security", fields.SECURITY),
    ("cost", "promises: cost", fields.COST),
    ("rules", "rules", fields.RULES),
    ("A service", "services: NAME", fields.SERVICE),
    ("A call", "services: NAME: calls: one of the list", fields.CALL),
    ("A store", "stores: NAME", fields.STORE),
    ("deploys", "deploys", fields.DEPLOYS),
    ("An environment", "environments: NAME", fields.ENVIRONMENT),
)
HEAD = """\
# The spec

One YAML file. Small specs stay small: everything but the services has a default, and `standfast check` prints every
default that is an assumption. Quantities carry their unit. `standfast init` writes a commented starter.

Written by `scripts/regen` from `src/standfast/spec/fields.py`.
"""


def page() -> str:
    return HEAD + "".join(f"\n{text}" for section in SECTIONS for text in _section(*section))


def _section(title: str, path: str, table: dict[str, Field]) -> Iterator[str]:
    yield f"## {title}\n"
    if path:
        yield f"`{path}`\n"
    rows = [f"| `{key}` | {_written(field)} | {_default(field)} | {field.means} |" for key, field in table.items()]
    yield "\n".join(["| field | written | default | what it says |", "|---|---|---|---|", *rows, ""])


def _written(field: Field) -> str:
    if field.choices:
        return ", ".join(f"`{one}`" for one in field.choices)
    if field.kind in KINDS:
        return f"{field.kind}: {KINDS[field.kind][1]}"
    return "see below" if field.kind in NESTED else WRITTEN.get(field.kind, field.kind)


def _default(field: Field) -> str:
    if field.default is REQUIRED:
        return "**required**"
    if field.default in (ABSENT, None, "", ()):
        return ""
    shown = ", ".join(field.default) if isinstance(field.default, tuple) else str(field.default)
    shown = {"True": "true", "False": "false"}.get(shown, shown)
    return f"{shown} (assumed)" if field.assume else shown


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
