"""Compliance frameworks as data: every control is listed, with what covers it, never left out.

`nist-800-53.csv` NIST SP 800-53 rev 5 controls and baselines (OSCAL content 5.1.1, US public domain).
`hipaa.csv` HIPAA Security Rule sections to those controls (NIST SP 800-66 rev 2, US public domain: official).
`checks.csv` our checks to controls: labelled `ours`, because no official body has mapped them.
"""

from standfast.audit.frameworks.report import FRAMEWORKS, Control, framework_report, score

__all__ = ["FRAMEWORKS", "Control", "framework_report", "score"]
