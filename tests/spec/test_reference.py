"""The reference page is what the reader's tables say."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_page_is_as_generated() -> None:
    page = runpy.run_path(str(ROOT / "scripts" / "regen_spec_docs.py"))["page"]
    assert (ROOT / "docs" / "spec.md").read_text(encoding="utf-8") == page(), "run scripts/regen"
