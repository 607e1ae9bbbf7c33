"""Run by the Python of .tools/parliament: reads {name: policy} from its input, writes what the linter says of each."""

from __future__ import annotations

import json
import sys
import warnings

warnings.simplefilter("ignore")

import parliament  # noqa: E402 - it warns where it is imported

found = []
for name, policy in json.load(sys.stdin).items():
    for one in parliament.analyze_policy_string(json.dumps(policy)).findings:
        found.append({"policy": name, "issue": one.issue, "detail": str(one.detail)})
json.dump(found, sys.stdout)
