"""Compliance frameworks as data: every control is listed with what covers it, none is left out.

nist-800-53.csv     controls and baselines of NIST SP 800-53 rev 5 (OSCAL content 5.1.1, US public domain)
hipaa.csv           sections of the HIPAA Security Rule and their controls: the official crosswalk
                    (NIST SP 800-66 rev 2, US public domain)
hipaa-sections.csv  headings of those sections (45 CFR part 164, US public domain)
coverage.csv        control of NIST -> our checks, or why there are none: by hand, or not covered yet. Ours, no
                    official body has mapped it.

One file holds both, the controls and what covers them, for:

cis-aws-3.csv  CIS Amazon Web Services Foundations Benchmark 3.0.0
gdpr.csv       Regulation (EU) 2016/679, articles 5, 25, 28, 30, 32 to 35 and 44 to 49
iso-27001.csv  ISO/IEC 27001:2022, Annex A
pci-dss-4.csv  PCI DSS 4.0, requirements 1 to 12 to the third number (a fourth is read with it)
soc-2.csv      Trust Services Criteria 2017 (AICPA), all five categories

Of these the identifiers are theirs and the words are ours, as but for GDPR the texts are not free.
"""

from standfast.audit.frameworks.report import BY_HAND, FRAMEWORKS, Control, framework_report, score

__all__ = ["BY_HAND", "FRAMEWORKS", "Control", "framework_report", "score"]
