"""WHETHER IT IS SOUND: resources in (planned or deployed), findings out, each with its place and what puts it right.

One check is one file in a room of `checks/`; its docstring is its manual page. A framework is a data file in
`frameworks/`.
`sources/` turns what Terraform knows into the resources that checks read; `reach/` knows who may talk to whom.
"""

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.frameworks import FRAMEWORKS, Control, framework_report, score
from standfast.audit.run import Audit, all_checks, as_measured, clouds_of, run_audit, together

__all__ = [
    "FRAMEWORKS",
    "Audit",
    "Control",
    "Estate",
    "Finding",
    "all_checks",
    "as_measured",
    "clouds_of",
    "framework_report",
    "run_audit",
    "score",
    "together",
]
