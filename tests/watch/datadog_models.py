"""Load documents through the official client's models, and say what these do not know. Runs in .tools/datadog.

Reads {path: document} as JSON from standard input; writes the complaints, a line each.
"""

import json
import sys
from typing import Any

from datadog_api_client.configuration import Configuration
from datadog_api_client.model_utils import (
    ModelComposed,
    OpenApiModel,
    UnparsedObject,
    model_to_dict,
    validate_and_convert_types,
)
from datadog_api_client.v1.model.dashboard import Dashboard
from datadog_api_client.v1.model.logs_pipeline import LogsPipeline
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.service_level_objective_request import ServiceLevelObjectiveRequest
from datadog_api_client.v1.model.synthetics_api_test import SyntheticsAPITest
from datadog_api_client.v2.model.sensitive_data_scanner_group_create_request import (
    SensitiveDataScannerGroupCreateRequest,
)
from datadog_api_client.v2.model.sensitive_data_scanner_rule_create_request import SensitiveDataScannerRuleCreateRequest

MODELS = {
    "slos": ServiceLevelObjectiveRequest,
    "monitors": Monitor,
    "dashboards": Dashboard,
    "synthetics": SyntheticsAPITest,
    "pipelines": LogsPipeline,
    "groups": SensitiveDataScannerGroupCreateRequest,
    "rules": SensitiveDataScannerRuleCreateRequest,
}


def complaints(value: Any, place: str) -> list[str]:
    """Keys and values that a model kept without knowing them: the client itself lets them pass."""
    if isinstance(value, UnparsedObject) or getattr(value, "_unparsed", False) is True:
        inner = [one for key, child in children(value) for one in complaints(child, f"{place}.{key}")]
        return inner or [f"{place}: not understood"]
    found = []
    if isinstance(value, OpenApiModel) and not isinstance(value, ModelComposed) and hasattr(value, "_data_store"):
        known = value.openapi_types
        found += [f"{place}: unknown key {key}" for key in value._data_store if key not in known]
    return found + [one for key, child in children(value) for one in complaints(child, f"{place}.{key}")]


def children(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, ModelComposed):
        return [(type(one).__name__, one) for one in value._composed_instances]
    if isinstance(value, OpenApiModel):
        return list(getattr(value, "_data_store", {}).items())
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def judge(path: str, document: Any) -> list[str]:
    model = MODELS[path.split("/")[0]]
    try:
        read = validate_and_convert_types(document, (model,), ["body"], True, True, Configuration())
    except Exception as refused:
        return [f"{path}: {type(refused).__name__}: {refused}"]
    back = model_to_dict(read)
    lost = [] if back == document else [f"{path}: comes back different: {json.dumps(back)[:500]}"]
    return complaints(read, path) + lost


for path, document in json.load(sys.stdin).items():
    for line in judge(path, document):
        print(line)
