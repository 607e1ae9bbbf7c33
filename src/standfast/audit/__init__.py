"""WHETHER IT IS SOUND: resources in (planned or deployed), findings out, each with place and fix.

One check is one file in `checks/`; its docstring is its manual page. A framework is a data file in `frameworks/`.
`sources/` turns what others wrote (Terraform state) into the resources that checks read.
"""

from standfast.audit.estate import Estate, Finding
from standfast.audit.frameworks import FRAMEWORKS, Control, framework_report, score
from standfast.audit.run import Audit, all_checks, as_measured, run_audit

__all__ = [
    "FRAMEWORKS",
    "Audit",
    "Control",
    "Estate",
    "Finding",
    "all_checks",
    "as_measured",
    "framework_report",
    "run_audit",
    "score",
]
