"""Compliance frameworks as data: every control is listed with what covers it, none is left out.

nist-800-53.csv     controls and baselines of NIST SP 800-53 rev 5 (OSCAL content 5.1.1, US public domain)
hipaa.csv           sections of the HIPAA Security Rule and their controls: the official crosswalk
                    (NIST SP 800-66 rev 2, US public domain)
hipaa-sections.csv  headings of those sections (45 CFR part 164, US public domain)
coverage.csv        control -> our checks, or why there are none: by hand, or not covered yet. Ours, no official
                    body has mapped it.
"""

from standfast.audit.frameworks.report import FRAMEWORKS, Control, framework_report, score

__all__ = ["FRAMEWORKS", "Control", "framework_report", "score"]
