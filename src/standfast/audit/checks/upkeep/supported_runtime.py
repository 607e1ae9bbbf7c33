"""Functions run on a language that still gets fixes.

*Looks at*: the runtime of functions
*Why*: nobody fixes an old runtime any more
*Fix*: move to a version that is supported
*Source*: AWS Lambda Developer Guide, "Lambda runtimes"; Cloud Run functions docs, "Runtime support"; Azure Functions
docs, "Supported languages"; read 2026-11
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, none_of

ID = "supported-runtime"
TITLE = "Functions run on a language that still gets fixes"
SEVERITY = "high"


OLD = re.compile(
    r"nodejs(|4\.3|4\.3-edge|6|8|10|12|14|16|18)(\.x)?|python(2|3\.?[6-8])\.?\d?|ruby2\.?\d|java8|dotnetcore\d\.\d|dotnet[3567]"
    r"|go1\.x|go1(11|13|16|18|19)|provided|php7\d"
)


def _supported(value: object) -> bool:
    return not OLD.fullmatch(str(value))


TABLE = {
    "aws_lambda_function": Setting("runtime", _supported, unset="image", fix="move to a supported runtime"),
    "google_cloudfunctions2_function": Setting(
        "build_config.runtime", _supported, unset="image", fix="move to a supported runtime"
    ),
    "azurerm_linux_function_app": Setting(
        "site_config.application_stack.python_version",
        none_of("3.6", "3.7", "3.8"),
        unset="none",
        fix="move to a supported version",
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its runtime gets fixes", "its runtime gets no fixes any more")
