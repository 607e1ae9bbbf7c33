"""Run with the Python of .tools/trestle: OSCAL documents on stdin, and what its models say against each on stdout."""

import json
import sys

from trestle.oscal import assessment_results, component, poam, ssp

MODELS = {
    "component-definition": component.ComponentDefinition,
    "system-security-plan": ssp.SystemSecurityPlan,
    "assessment-results": assessment_results.AssessmentResults,
    "plan-of-action-and-milestones": poam.PlanOfActionAndMilestones,
}
for name, document in json.load(sys.stdin).items():
    ((root, body),) = document.items()
    try:
        MODELS[root](**body)
    except ValueError as wrong:
        print(f"{name}: {wrong}".replace("\n", " "))
