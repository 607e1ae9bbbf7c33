"""A program's life through `pulumi.automation`, against the stand-in engine: preview, up, preview, preview of a
change, destroy. Prints what each would change, and how each ended.

    .tools/pulumi/bin/python tests/code/pulumi/automated.py PROGRAM HOME < settings.json > told.json

HOME/bin/pulumi is the stand-in (engine.py).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pulumi import automation


def main(program: Path, home: Path, config: dict[str, str], change: list[str]) -> dict[str, Any]:
    """`change`: file, text and the text in its place, before the last `preview`."""
    command = automation.PulumiCommand(root=str(home), skip_version_check=True)
    options = automation.LocalWorkspaceOptions(pulumi_command=command)
    stack = automation.create_or_select_stack("test", work_dir=str(program), opts=options)
    stack.set_all_config({key: automation.ConfigValue(value) for key, value in config.items()})
    told: dict[str, Any] = {"preview": stack.preview().change_summary}
    up = stack.up()
    told |= {"up": up.summary.resource_changes or {}, "outputs": {key: one.value for key, one in up.outputs.items()}}
    told["again"] = stack.preview().change_summary
    if change:
        file = program / change[0]
        file.write_text(file.read_text().replace(change[1], change[2], 1))
        told["changed"] = stack.preview().change_summary
    told["destroy"] = stack.destroy().summary.result
    return told


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump(main(Path(sys.argv[1]), Path(sys.argv[2]), given["config"], given["change"]), sys.stdout)
