"""The reference page is what the tables say, and its example is a spec."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from standfast.spec import parse_spec

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "spec.md"


def test_the_page_is_what_would_be_generated() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "regen_spec_docs.py"))
    assert script["page"]() == PAGE.read_text(encoding="utf-8"), "run scripts/regen"


def test_the_example_of_the_page_is_sound() -> None:
    found = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found and parse_spec(found[1], "spec.md").name == "shop"
